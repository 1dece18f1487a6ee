import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import { ObjectJudge } from './object-judge.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gears.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gears', kind: 'Gear' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { teeth: { type: 'integer', minimum: 3 }, step: { type: 'integer', default: 1 } },
                'x-kubernetes-validations': [
                  { rule: 'self.step < self.teeth', message: 'step must be less than teeth' },
                ],
              },
            },
          },
        },
      },
      { name: 'v1alpha1', served: false, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
  },
};

const judge = new ObjectJudge([definition as unknown as KubeObject], () => new Date(0));
const gear = (spec: JsonValue, rest: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Gear',
  metadata: { name: 'one', namespace: 'default' },
  spec,
  ...rest,
});

const service = (spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });

const cases: readonly (readonly [string, object, string])[] = [
  ['an object that fits its schema', gear({ teeth: 8 }), 'valid'],
  [
    'one that does not',
    gear({ teeth: 2 }),
    'Gear.example.com "one" is invalid: spec.teeth: Invalid value: 2: spec.teeth in body should be greater than or equal to 3',
  ],
  [
    'one that breaks a rule',
    gear({ teeth: 3, step: 4 }),
    'Gear.example.com "one" is invalid: spec: Invalid value: step must be less than teeth',
  ],
  [
    'a field that is not known',
    gear({ tooth: 3 }),
    'Gear in version "v1" cannot be handled as a Gear: strict decoding error: unknown field "spec.tooth"',
  ],
  ['a kind that nobody defines', { apiVersion: 'example.com/v1', kind: 'Cog', metadata: { name: 'c' } }, 'unknown: '],
  ['a version that is not served', gear({}, { apiVersion: 'example.com/v1alpha1' }), 'unknown: v1'],
  [
    'a Service with an address of another cluster',
    service({ clusterIP: '172.20.1.2', ports: [{ port: 80 }] }),
    'valid',
  ],
  ['a Service without ports', service({}), 'Service "s" is invalid: spec.ports: Required value'],
  [
    'a built-in field of another type',
    service({ ports: [{ port: 'http' }] }),
    'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
  ],
];

for (const [name, object, expected] of cases) {
  test(`it is said of ${name}`, () => {
    const before = structuredClone(object);
    const verdict = judge.judge(object as KubeObject);
    const said =
      verdict.type === 'valid'
        ? 'valid'
        : verdict.type === 'unknown'
          ? `unknown: ${verdict.served.join(', ')}`
          : verdict.status.message;
    assert.equal(said, expected);
    assert.deepEqual(object, before);
  });
}
