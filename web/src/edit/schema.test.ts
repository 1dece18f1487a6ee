import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KindSchema } from './schema.ts';
import { readText, schemaProblems, serverProblems, stepsOf } from './yaml-check.ts';

const gvk = { group: 'e.test', version: 'v1', kind: 'Thing' };
const document = {
  components: {
    schemas: {
      'test.e.v1.Thing': {
        type: 'object',
        'x-kubernetes-group-version-kind': [gvk],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { allOf: [{ $ref: '#/components/schemas/Meta' }], default: {}, description: 'Its name.' },
          spec: {
            type: 'object',
            required: ['mode'],
            properties: {
              mode: { type: 'string', enum: ['Fast', 'Slow'], description: 'How.' },
              replicas: { type: 'integer', format: 'int32' },
              port: { 'x-kubernetes-int-or-string': true },
              free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              on: { type: 'boolean' },
              items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
              labels: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        },
      },
      Meta: {
        type: 'object',
        description: 'Of all objects.',
        properties: { name: { type: 'string' }, labels: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    },
  },
};

const schema = KindSchema.of(document as never, gvk)!;

test('fields at a place have their type and what they are for', () => {
  assert.deepEqual(
    schema.fieldsAt(['spec']).map(({ name, type, required }) => `${name} ${type}${required ? '!' : ''}`),
    [
      'mode string!',
      'replicas integer',
      'port integer or string',
      'free object',
      'on boolean',
      'items []object',
      'labels map[string]string',
    ],
  );
  assert.equal(schema.fieldsAt([]).find(({ name }) => name === 'metadata')!.description, 'Its name.');
  assert.deepEqual(
    schema.fieldsAt(['spec', 'items', 3]).map(({ name }) => name),
    ['name'],
  );
  assert.deepEqual(schema.fieldsAt(['spec', 'labels', 'x']), []);
});

test('fields below names are those of the items of lists, too', () => {
  const below = (...names: readonly string[]) => schema.fieldsBelow(names).map(({ name }) => name);
  assert.deepEqual(below('spec', 'items'), ['name']);
  assert.deepEqual(below('metadata'), ['name', 'labels']);
  assert.deepEqual([...below('spec', 'free', 'x'), ...below('none'), ...below('spec', 'items', 'name')], []);
});

test('few values are offered', () => {
  assert.deepEqual(schema.valuesAt(['spec', 'mode']), ['Fast', 'Slow']);
  assert.deepEqual(schema.valuesAt(['spec', 'on']), ['true', 'false']);
});

test('a kind that the document has not, or says nothing about, has no schema', () => {
  assert.equal(KindSchema.of(document as never, { ...gvk, kind: 'Other' }), undefined);
  assert.equal(KindSchema.of({}, gvk), undefined);
});

const head = 'apiVersion: e.test/v1\nkind: Thing\nmetadata:\n  name: a\n';

function problems(text: string): string[] {
  const read = readText(text);
  const found = 'problem' in read ? [read.problem] : schemaProblems(read.root, schema);
  return found.map(({ line, problem }) => {
    if (problem.type === 'unknown') return `${line + 1}: no ${problem.field}, ${problem.near ?? '-'}`;
    if (problem.type === 'type')
      return `${line + 1}: ${problem.field} ${problem.expected.got} for ${problem.expected.wanted}`;
    return `${line + 1}: ${problem.message}`;
  });
}

test('unknown fields and wrong types are at their lines', () => {
  assert.deepEqual(problems(`${head}spec:\n  mode: Fast\n  replica: 1\n  Mode: x\n  far: 1\n`), [
    '7: no spec.replica, replicas',
    '8: no spec.Mode, mode',
    '9: no spec.far, -',
  ]);
  assert.deepEqual(
    problems(`${head}spec:\n  replicas: "3"\n  mode: Medium\n  on: 1\n  items:\n  - name: 1\n  - nam: x\n`),
    [
      '6: spec.replicas string for integer',
      '7: spec.mode Medium for Fast | Slow',
      '8: spec.on integer for boolean',
      '10: spec.items[0].name integer for string',
      '11: no spec.items[1].nam, name',
    ],
  );
  assert.deepEqual(problems(`${head}spec:\n  port: 80\n  free:\n    any: [1]\n  labels:\n    a: "1"\n    b: 1\n`), [
    '11: spec.labels.b integer for string',
  ]);
});

test('a text that is no object says where', () => {
  assert.match(problems('a: [1\nb: 2\n')[0]!, /^\d: /);
  assert.match(problems('a: 1\na: 2\n')[0]!, /already set/);
  assert.deepEqual(problems('- a\n'), ['1: an object is expected: apiVersion, kind, metadata']);
  assert.deepEqual(problems('kind: A\n'), ['1: apiVersion and kind must be stated']);
});

test('what the server says of a field is at its line, or at that of what it is in', () => {
  const read = readText(`${head}spec:\n  items:\n  - name: a\n  - name: b\n  labels:\n    x.y/z: "1"\n`);
  if ('problem' in read) return assert.fail('it is an object');
  const lines = ['spec.items[1].name', 'spec.items[1].other', '.spec.labels[x.y/z]', 'spec.gone', ''].map(
    (field) => serverProblems(read.root, [{ field, message: 'm' }])[0]!.line + 1,
  );
  assert.deepEqual(lines, [8, 8, 10, 5, 1]);
  assert.deepEqual(stepsOf('a.b[0].c[x.y]'), ['a', 'b', 0, 'c', 'x.y']);
});
