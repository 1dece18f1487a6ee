import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecord } from './registry/record.ts';
import { Resources } from './registry/resources.ts';
import { View } from './view.ts';

test('a watch tells the age of an object as of the event, not as of the request', (t) => {
  const asked = new Date('2026-01-01T00:00:00Z');
  const resource = new Resources(() => asked).builtin('', 'v1', 'configmaps');
  const accept = {
    encoding: 'json',
    mediaType: 'application/json',
    pretty: false,
    as: 'Table',
    asVersion: 'v1',
  } as const;
  const view = new View({ accept, now: asked, query: new URLSearchParams() }, resource);
  const metadata = { name: 'a', namespace: 'n', uid: 'u', creationTimestamp: '2026-01-01T00:01:00Z' };
  const entry = { key: '/a', value: encodeRecord({ metadata }), createRevision: 2, modRevision: 2 };
  const began = performance.now();
  t.mock.method(performance, 'now', () => began + 90_000);
  const { object } = JSON.parse(view.event('ADDED', entry, 2, true).toString());
  assert.equal(object.rows[0].cells.at(-1), '30s');
});
