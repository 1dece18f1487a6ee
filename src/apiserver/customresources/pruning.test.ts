import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { withCondition } from './conditions.ts';
import { compareVersions, type Condition } from './definition.ts';
import { compileJsonPath, fieldsOfPath } from './json-path.ts';
import { setDefaults } from './defaulting.ts';
import { prune } from './pruning.ts';
import type { StructuralSchema } from './schema.ts';

const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', default: 1 },
        note: { type: 'string', nullable: true, default: 'none' },
        items: { type: 'array', items: { type: 'object', properties: { name: {}, port: { default: 80 } } } },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { strict: { type: 'object' } },
        },
        labels: { type: 'object', additionalProperties: { type: 'object', properties: { on: { default: true } } } },
        child: { type: 'object', 'x-kubernetes-embedded-resource': true },
      },
    },
  },
};

const PRUNED: readonly (readonly [what: string, spec: JsonObject, left: JsonObject, removed: readonly string[]])[] = [
  ['unknown fields go', { size: 1, x: 1 }, { size: 1 }, ['spec.x']],
  ['also in lists', { items: [{ name: 'a' }, { b: 1 }] }, { items: [{ name: 'a' }, {}] }, ['spec.items[1].b']],
  ['what preserves keeps', { free: { any: { deep: 1 } } }, { free: { any: { deep: 1 } } }, []],
  [
    'but what it knows is pruned below',
    { free: { strict: { a: 1 } } },
    { free: { strict: {} } },
    ['spec.free.strict.a'],
  ],
  [
    'entries of maps stay',
    { labels: { a: { on: false, x: 1 } } },
    { labels: { a: { on: false } } },
    ['spec.labels.a.x'],
  ],
  ['embedded objects keep their type', { child: { kind: 'A', x: 1 } }, { child: { kind: 'A' } }, ['spec.child.x']],
];

describe('pruning', () => {
  for (const [what, spec, left, removed] of PRUNED)
    test(what, () => {
      const object = { kind: 'A', metadata: { name: 'a' }, spec: structuredClone(spec) };
      assert.deepEqual(prune(object, SCHEMA), removed);
      assert.deepEqual(object, { kind: 'A', metadata: { name: 'a' }, spec: left });
    });
});

describe('defaults', () => {
  const cases: readonly (readonly [what: string, spec: JsonObject, expected: JsonObject])[] = [
    ['fill what is missing', {}, { size: 1, note: 'none' }],
    ['leave what is there', { size: 2, note: '' }, { size: 2, note: '' }],
    ['take null for missing unless it is allowed', { size: null, note: null }, { size: 1, note: null }],
    [
      'reach into lists and maps',
      { size: 1, note: 'x', items: [{}], labels: { a: {} } },
      { size: 1, note: 'x', items: [{ port: 80 }], labels: { a: { on: true } } },
    ],
  ];
  for (const [what, spec, expected] of cases)
    test(what, () => {
      const object = { spec: structuredClone(spec) };
      setDefaults(object, SCHEMA);
      assert.deepEqual(object, { spec: expected });
    });
  test('are not made where their parent is missing', () => {
    const object: JsonObject = {};
    setDefaults(object, SCHEMA);
    assert.deepEqual(object, {});
  });
});

describe('a JSON path selects', () => {
  const value: JsonValue = {
    spec: { ports: [{ name: 'a' }, { name: 'b', on: true }], 'x.y': 1, x: { y: 2 } },
    status: null,
  };
  const cases: readonly (readonly [path: string, found: readonly JsonValue[] | undefined])[] = [
    ['.spec.ports[0].name', ['a']],
    ['.spec.ports[*].name', ['a', 'b']],
    ["$.spec['x.y']", [2]],
    ["$.spec['x\\.y']", [1]],
    ['.spec.x\\.y', [1]],
    ['.spec.ports[-1].name', ['b']],
    ['.spec.ports[0:1].name', ['a']],
    ['.spec.ports[0,1].name', ['a', 'b']],
    ['.spec.ports[7].name', undefined],
    ['.spec.x[0]', undefined],
    ['.status.phase', []],
    ['.constructor', []],
    ['.spec.ports[?(@.name=="a")].name', ['a']],
    ['.spec.ports[?(@.on)].name', ['b']],
    ['.spec.ports[?(@.name==1)].name', undefined],
    ['..name', ['a', 'b']],
  ];
  for (const [path, found] of cases) test(path, () => assert.deepEqual(compileJsonPath(path)(value), found));
  test('its fields are those that it names', () =>
    assert.deepEqual(fieldsOfPath('.spec.replicas'), ['spec', 'replicas']));
});

test('versions go from the most to the least stable', () => {
  const sorted = ['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v2alpha1', 'bar', 'foo'];
  assert.deepEqual([...sorted].reverse().sort(compareVersions), sorted);
});

test('a condition keeps its time while its status stays', () => {
  const at = (lastTransitionTime: string, status: Condition['status']): Condition => ({
    type: 'A',
    status,
    lastTransitionTime,
    reason: '',
    message: '',
  });
  assert.deepEqual(withCondition([at('1', 'True')], at('2', 'True'), '2'), [at('1', 'True')]);
  assert.deepEqual(withCondition([at('1', 'True')], at('2', 'False'), '2'), [at('2', 'False')]);
  assert.deepEqual(withCondition(undefined, at('2', 'True'), '2'), [at('2', 'True')]);
});
