import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneJson, type JsonValue, type KubeObject, parseJson, stringifyJson } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { createOrPatch } from './writes.ts';

/** What `createOrPatch` writes of a ConfigMap's data, as text. */
async function patchOf(before: string, after: string): Promise<string | undefined> {
  const existing = settings(before);
  let written: string | undefined;
  const client = {
    get: async () => cloneJson(existing),
    patch: async (_kind: unknown, _key: unknown, { merge }: { merge: JsonValue }) => {
      written = stringifyJson(merge);
      return existing;
    },
  } as unknown as Client;
  await createOrPatch(client, settings('{}'), (object) => {
    object.data = parseJson(after);
  });
  return written;
}

function settings(data: string): KubeObject {
  const metadata = { name: 'settings', namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: parseJson(data) };
}

const cases: [name: string, before: string, after: string, patch: string | undefined][] = [
  ['nothing', '{"a":"1"}', '{"a":"1"}', undefined],
  ['a value that changes', '{"a":"1","b":"2"}', '{"a":"3","b":"2"}', '{"data":{"a":"3"}}'],
  ['a key that goes', '{"a":"1","b":"2"}', '{"b":"2"}', '{"data":{"a":null}}'],
  ['a key that all objects inherit goes', '{"constructor":"1"}', '{}', '{"data":{"constructor":null}}'],
  ['a key that all objects inherit comes', '{}', '{"toString":"1"}', '{"data":{"toString":"1"}}'],
  ['a key that would be a prototype comes', '{}', '{"__proto__":"1"}', '{"data":{"__proto__":"1"}}'],
  ['a key that would be a prototype goes', '{"__proto__":"1"}', '{}', '{"data":{"__proto__":null}}'],
];

for (const [name, before, after, patch] of cases)
  test(`createOrPatch writes of a map what changed: ${name}`, async () => {
    assert.equal(await patchOf(before, after), patch);
  });
