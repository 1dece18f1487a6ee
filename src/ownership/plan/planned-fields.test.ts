import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { formatPath } from 'nekube/smd';
import type { Configuration } from '../field-conflicts.ts';
import { planApply } from './plan.ts';

const head = { apiVersion: 'e.test/v1', kind: 'Thing' };
const text = { type: 'string' };
const items = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: { type: 'object', properties: { name: text, image: text, policy: text } },
};
const schemas = {
  'test.e.v1.Thing': {
    type: 'object',
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: { type: 'object', properties: { items, note: text } },
    },
    'x-kubernetes-group-version-kind': [{ group: 'e.test', version: 'v1', kind: 'Thing' }],
  },
};

const owns = (manager: string, spec: JsonObject) => ({
  manager,
  operation: 'Apply',
  apiVersion: head.apiVersion,
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': spec },
});
const item = (fields: JsonObject): JsonObject => ({
  'f:items': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, ...fields } },
});
const other = owns('other', item({ 'f:policy': {} }));
const object = (managedFields: unknown[], spec: JsonObject): KubeObject =>
  ({ ...head, metadata: { name: 'it', resourceVersion: '1', managedFields }, spec }) as unknown as KubeObject;

test('of an item that others keep, what is dropped in it is told, and not the key that says which item it is', async () => {
  const before = owns('ci', { 'f:note': {}, ...item({ 'f:image': {} }) });
  const live = object([before, other], { note: 'n', items: [{ name: 'a', image: 'i', policy: 'p' }] });
  const result = object([owns('ci', { 'f:note': {} }), other], { note: 'n', items: [{ name: 'a', policy: 'p' }] });
  const client = {
    transport: {},
    get: async () => live,
    apply: async () => result,
    raw: async () => ({ components: { schemas } }),
  } as unknown as Client;
  const configuration = { ...head, metadata: { name: 'it' }, spec: { note: 'n' } } as Configuration;
  const { fields } = await planApply(client, configuration, { fieldManager: 'ci' });
  assert.deepEqual(
    fields.map(({ path, action }) => `${formatPath(path)} ${action}`),
    ['.spec.items[name="a"].image removed', '.spec.note unchanged'],
  );
});
