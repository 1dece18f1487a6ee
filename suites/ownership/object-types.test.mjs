// The types by which fields are owned, from a cluster's OpenAPI: those of every kind it serves, and of kinds that come later.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { builtinResources, smdTypeOf } from 'nekube/api';
import { ObjectTypes } from 'nekube/ownership';
import { Schema } from 'nekube/smd';
import { defineKind } from './define-kind.mjs';
import { widgets } from './random-objects.mjs';
import { servers, startCluster } from './servers.mjs';

for (const server of servers)
  describe(`types of kinds, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let types;
    before(async () => {
      cluster = await startCluster(server);
      types = new ObjectTypes(cluster.client);
    });
    after(() => cluster?.stop());

    test('every kind that is served has the type that the server merges it by', async () => {
      const wrong = [];
      for (const { apiVersion, kind } of await servedKinds(cluster.client)) {
        const { type, note } = await types.of({ apiVersion, kind });
        const { schema, typeName } = smdTypeOf(apiVersion, kind);
        if (note !== undefined || !isSame(type.type, new Schema(schema).type(typeName))) wrong.push(kind);
      }
      assert.deepEqual(wrong, []);
    });

    test('a kind that is defined later is found then, and is guessed before', async () => {
      const widget = { apiVersion: 'ownership.test/v1', kind: 'Widget' };
      const before = await types.of(widget);
      assert.equal(before.note, 'the cluster has no OpenAPI schema of Widget in ownership.test/v1');
      await defineKind(cluster.client, widgets);
      const { type, note } = await types.of(widget);
      assert.equal(note, undefined);
      const parsed = type.parse({ spec: { parts: [{ name: 'n' }], tags: ['a'], steps: ['x'], point: { x: 1 } } });
      assert.equal(
        parsed.toFieldSet().toString(),
        [
          '.spec.point',
          '.spec.steps',
          '.spec.parts[name="n",zone="a"]',
          '.spec.parts[name="n",zone="a"].name',
          '.spec.tags[="a"]',
        ].join('\n'),
      );
    });
    test('where unknown fields are kept, what is within may have them too, and loses them', async () => {
      const { client } = cluster;
      await defineKind(client, keeping);
      const configuration = {
        apiVersion: 'keeping.test/v1',
        kind: 'Keeper',
        metadata: { name: 'keeper' },
        spec: { a: { b: '1', unknown: '2' }, z: { y: 1 } },
      };
      const { spec, metadata } = await client.apply(configuration, { fieldManager: 'main' });
      assert.deepEqual(spec, { a: { b: '1' }, z: { y: 1 } });
      const owned = { 'f:spec': { 'f:a': { 'f:b': {}, 'f:unknown': {} }, 'f:z': { '.': {}, 'f:y': {} } } };
      assert.deepEqual(metadata.managedFields[0].fieldsV1, owned);
    });
  });

const known = { type: 'object', properties: { b: { type: 'string' } } };
const keeping = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'keepers.keeping.test' },
  spec: {
    group: 'keeping.test',
    scope: 'Cluster',
    names: { plural: 'keepers', singular: 'keeper', kind: 'Keeper', listKind: 'KeeperList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: known } },
            },
          },
        },
      },
    ],
  },
};

/** Built-in kinds of objects that this cluster serves. */
async function servedKinds(client) {
  const kinds = [];
  for (const { apiVersion, kind, verbs } of builtinResources()) {
    if (!verbs.includes('patch')) continue;
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = await client.raw({ method: 'GET', path, headers: {} }).catch(() => undefined);
    if (found?.resources.some((one) => one.kind === kind)) kinds.push({ apiVersion, kind });
  }
  assert.ok(kinds.length > 40, `${kinds.length} kinds`);
  return kinds;
}

/** Whether two types own and merge alike; they may refer to themselves. */
function isSame(a, b, seen = new Set()) {
  const pair = `${a.name} ${b.name}`;
  if (a.name !== undefined && seen.has(pair)) return true;
  seen.add(pair);
  const [one, other] = [a.atom, b.atom];
  if (one?.shapes !== other?.shapes || one?.scalar !== other?.scalar) return false;
  return isSameList(one?.list, other?.list, seen) && isSameMap(one?.map, other?.map, seen);
}

function isSameList(a, b, seen) {
  if (a === undefined || b === undefined) return a === b;
  const kindOf = ({ atomic, associative, keys }) => JSON.stringify([atomic, associative, keys]);
  return kindOf(a) === kindOf(b) && isSame(a.elementType, b.elementType, seen);
}

function isSameMap(a, b, seen) {
  if (a === undefined || b === undefined) return a === b;
  if (a.atomic !== b.atomic || a.fields.size !== b.fields.size) return false;
  if ((a.elementType === undefined) !== (b.elementType === undefined)) return false;
  if (a.elementType !== undefined && !isSame(a.elementType, b.elementType, seen)) return false;
  return [...a.fields].every(([name, field]) => {
    const other = b.fields.get(name);
    const sameDefault = JSON.stringify(field.default) === JSON.stringify(other?.default);
    return other !== undefined && sameDefault && isSame(field.type, other.type, seen);
  });
}
