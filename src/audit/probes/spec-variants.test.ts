import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { leavesOf, pointerOf, variantsOf } from './spec-variants.ts';

const port = { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer', minimum: 1024 } } };
const SCHEMA = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['red', 'green'] },
    ports: { type: 'array', items: port },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

test('lists and maps that a sample leaves out, or are empty in it, are leaves, and are tried with something in them', () => {
  const specs: readonly JsonObject[] = [{ colour: 'red' }, { colour: 'red', ports: [], labels: {}, free: {} }];
  for (const spec of specs) {
    const leaves = leavesOf(spec, SCHEMA);
    assert.deepEqual(leaves.map(({ path }) => pointerOf(path)).sort(), ['/colour', '/free', '/labels', '/ports']);
    const changed = variantsOf(spec, leaves, SCHEMA).filter(({ how }) => how === 'changed');
    assert.deepEqual(
      changed.map(({ spec: { ports, labels, free }, path }) => [path, { ports, labels, free }[path.slice(1)]]).sort(),
      [
        ['/free', { audit: 'audit' }],
        ['/labels', { audit: 'audit' }],
        ['/ports', [{ name: 'audit', port: 1024 }]],
      ],
    );
  }
});

test('what stands in a list is a leaf of its own', () => {
  const leaves = leavesOf({ ports: [{ name: 'web' }] }, SCHEMA);
  const paths = leaves.map(({ path }) => pointerOf(path)).sort();
  assert.deepEqual(paths, ['/colour', '/free', '/labels', '/ports/0/name', '/ports/0/port']);
});

test('what stands beside a leaf and must be there comes with it', () => {
  const containers = {
    type: 'array',
    minItems: 1,
    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, args: { type: 'array' } } },
  };
  const pod = { type: 'object', required: ['containers'], properties: { containers, deadline: { type: 'integer' } } };
  const schema = { type: 'object', properties: { pod } };
  const deadline = { path: ['pod', 'deadline'], schema: { type: 'integer' } };
  const [changed] = variantsOf({}, [deadline], schema);
  assert.deepEqual(changed?.spec, { pod: { deadline: 1, containers: [{ name: 'audit' }] } });
  // what the sample leaves out is for the server to refuse
  const [kept] = variantsOf({ pod: {} }, [deadline], schema);
  assert.deepEqual(kept?.spec, { pod: { deadline: 1 } });
});

test('texts that may be anything are tried once with more signs than a label has', () => {
  const properties = {
    free: { type: 'string' },
    short: { type: 'string', maxLength: 20 },
    formed: { type: 'string', format: 'date' },
    patterned: { type: 'string', pattern: '^a' },
    few: { type: 'string', enum: ['a', 'b'] },
    number: { type: 'integer' },
  };
  const schema = { type: 'object', properties };
  const long = variantsOf({}, leavesOf({}, schema), schema).filter(({ how }) => how === 'long');
  assert.deepEqual(
    long.map(({ path }) => path),
    ['/free'],
  );
  assert.ok(String(long[0]!.spec.free).length > 63);
});
