// Kinds of one's own: defaults, pruning, schemas, rules in CEL, versions and subresources.
import { behaviour, CRD, defined, definition, make, WIDGET, widget } from '../objects.mjs';
import { converting } from '../hooks.mjs';

const size = { type: 'integer', minimum: 1, maximum: 10 };
const SCHEMA = {
  size,
  color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
  label: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
  when: { type: 'string', format: 'date-time' },
  nested: { type: 'object', default: {}, properties: { depth: { type: 'integer', default: 1 } } },
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  either: { 'x-kubernetes-int-or-string': true },
};
const RULES = [
  {
    rule: 'self.min <= self.max',
    message: 'min may not be above max',
    fieldPath: '.min',
    reason: 'FieldValueForbidden',
  },
  { rule: 'self.max < 100', messageExpression: 'self.max > 150 ? "far too much" : "too much"' },
];
const LIMITS = { min: { type: 'integer' }, max: { type: 'integer' } };

export const definitions = [
  behaviour(
    'a definition is accepted and established, and its kind is served',
    ['create', definition({ size })],
    ['until', 200, ['get', CRD, 'widgets.{{id}}.example.com'], '"type":"Established","status":"True"'],
    (world) => world.served(world.fill(WIDGET)),
    ['list', WIDGET],
    ['send', 'GET', '/apis/{{id}}.example.com/v1?'],
  ),
  behaviour(
    'defaults are set where nothing is stated',
    defined(definition(SCHEMA)),
    ['create', widget('w', {})],
    ['create', widget('x', { nested: { depth: 5 } })],
  ),
  behaviour('what the schema does not have is pruned, but for where it may stay', defined(definition(SCHEMA)), [
    'create',
    { ...widget('w', { unknown: 1, nested: { other: 2 }, free: { any: { thing: [1] } } }), extra: true },
  ]),
  behaviour(
    'all that breaks the schema is told at once',
    defined(definition(SCHEMA)),
    ['create', widget('w', { size: 11, color: 'green', label: 'TOO LONG', when: 'yesterday', either: true })],
    ['create', widget('w', { size: 'one' })],
    ['create', widget('w', { size: 3, either: 'text', when: '2020-02-02T02:02:02Z' })],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 0 } } }],
  ),
  behaviour(
    'a rule in CEL refuses with its message, its field and its reason',
    defined(definition(LIMITS, { rules: RULES })),
    ['create', widget('w', { min: 3, max: 2 })],
    ['create', widget('w', { min: 3, max: 200 })],
    ['create', widget('w', { min: 1, max: 2 })],
  ),
  behaviour(
    'a transition rule compares with what was there',
    defined(
      definition({
        size: { ...size, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'it may only grow' }] },
        name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'it is immutable' }] },
      }),
    ),
    ['create', widget('w', { size: 3, name: 'a' })],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 2 } } }],
    ['patch', WIDGET, 'w', { merge: { spec: { name: 'b' } } }],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 4 } } }],
    ['apply', widget('w', { size: 1 }), { force: true }],
  ),
  behaviour(
    'a transition rule may also judge a value that is new',
    defined(
      definition({
        size: {
          ...size,
          'x-kubernetes-validations': [
            {
              rule: 'oldSelf.hasValue() ? self >= oldSelf.value() : self < 5',
              optionalOldSelf: true,
              message: 'it begins small and grows',
            },
          ],
        },
      }),
    ),
    ['create', widget('w', { size: 7 })],
    ['create', widget('w', { size: 4 })],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 3 } } }],
  ),
  behaviour(
    'what was invalid before may stay as long as it does not change',
    defined(definition({ size, label: { type: 'string' } })),
    ['create', widget('w', { size: 9, label: 'a' })],
    (world) =>
      world.client.patch(
        CRD,
        { name: `widgets.${world.id}.example.com` },
        {
          json: [
            {
              op: 'replace',
              path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum',
              value: 5,
            },
          ],
        },
      ),
    ['until', 422, ['create', widget('x', { size: 9 }), { dryRun: true }]],
    ['patch', WIDGET, 'w', { merge: { spec: { label: 'b' } } }],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 8 } } }],
  ),
  behaviour('a definition whose rule does not compile is refused', [
    'create',
    definition(LIMITS, { rules: [{ rule: 'self.minimum < 3' }, { rule: 'self.min' }, { rule: 'self.min <' }] }),
  ]),
  behaviour('a definition whose rule may cost too much is refused', [
    'create',
    definition(
      { all: { type: 'array', items: { type: 'string' } } },
      { rules: [{ rule: 'self.all.all(a, self.all.all(b, self.all.exists(c, a + b == c)))' }] },
    ),
  ]),
  behaviour(
    'a definition that is not structural, or has a wrong default, is refused',
    ['create', definition({ a: {} })],
    ['create', definition({ a: { type: 'integer', default: 'x' } })],
    ['create', make(CRD, 'other.{{id}}.example.com', { spec: definition({}).spec })],
  ),
  behaviour(
    'the status is a subresource, and then not a part of the rest',
    defined(
      definition(
        { size },
        {
          version: { subresources: { status: {} } },
          status: { type: 'object', properties: { ready: { type: 'boolean' } } },
        },
      ),
    ),
    ['create', { ...widget('w', { size: 1 }), status: { ready: true } }],
    ['status', WIDGET, 'w', { ready: true }],
    ['patch', WIDGET, 'w', { merge: { spec: { size: 2 }, status: { ready: false } } }],
    ['apply', { ...make(WIDGET, 'w'), status: { ready: false } }, { subresource: 'status', fieldManager: 'two' }],
    ['patch', WIDGET, 'w', { merge: { status: { ready: 'no' } } }, { subresource: 'status' }],
  ),
  behaviour(
    'a kind of one’s own is scaled by the paths of its definition',
    defined(
      definition(
        { size, selector: { type: 'string' } },
        {
          version: {
            subresources: {
              status: {},
              scale: {
                specReplicasPath: '.spec.size',
                statusReplicasPath: '.status.size',
                labelSelectorPath: '.status.selector',
              },
            },
          },
          status: { type: 'object', properties: { size: { type: 'integer' }, selector: { type: 'string' } } },
        },
      ),
    ),
    ['create', widget('w', { size: 1 })],
    ['status', WIDGET, 'w', { size: 1, selector: 'app=w' }],
    ['get', WIDGET, 'w', { subresource: 'scale' }],
    ['patch', WIDGET, 'w', { merge: { spec: { replicas: 5 } } }, { subresource: 'scale' }],
    ['patch', WIDGET, 'w', { merge: { spec: { replicas: 50 } } }, { subresource: 'scale' }],
    ['get', WIDGET, 'w'],
  ),
  behaviour(
    'a webhook converts between versions',
    converting,
    ['create', { ...widget('w', { size: 3 }), apiVersion: '{{id}}.example.com/v2' }],
    ['send', 'GET', '/apis/{{id}}.example.com/v1/namespaces/{{id}}/widgets/w'],
    ['send', 'GET', '/apis/{{id}}.example.com/v2/namespaces/{{id}}/widgets'],
    ['apply', { ...widget('w', { size: 4 }), apiVersion: '{{id}}.example.com/v2' }, { force: true }],
    ['create', { ...widget('x', { size: 666 }), apiVersion: '{{id}}.example.com/v2' }],
    ['send', 'GET', '/apis/{{id}}.example.com/v1/namespaces/{{id}}/widgets/x'],
  ),
  behaviour(
    'an object whose definition goes is gone, too',
    ['create', definition({ size })],
    (world) => world.served(world.fill(WIDGET)),
    ['create', widget('w', { size: 1 })],
    ['delete', CRD, 'widgets.{{id}}.example.com'],
    ['until', 404, ['get', CRD, 'widgets.{{id}}.example.com']],
    ['until', 404, ['send', 'GET', '/apis/{{id}}.example.com/v1/namespaces/{{id}}/widgets/w'], 'page not found'],
  ),
];
