import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staleText, staleVersions } from './discovery.ts';

const group = (name: string, ...freshness: readonly string[]) => ({
  metadata: { name },
  versions: freshness.map((one, at) => ({ version: `v${at + 1}`, freshness: one })),
});

test('versions of aggregated groups that do not answer are known by their freshness', () => {
  const groups = {
    items: [group('apps', 'Current'), group('metrics.k8s.io', 'Current', 'Stale'), group('a.example.com', 'Stale')],
  };
  assert.deepEqual(staleVersions(groups), ['metrics.k8s.io/v2', 'a.example.com/v1']);
  assert.deepEqual(staleVersions({ groups: [] }), []);
});

test('they are told in order, and nothing where all answer', () => {
  assert.equal(
    staleText(['b.example.com/v1', 'a.example.com/v1']),
    'Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: ' +
      'a.example.com/v1: stale GroupVersion discovery: a.example.com/v1, b.example.com/v1: stale GroupVersion discovery: b.example.com/v1',
  );
  assert.equal(staleText([]), undefined);
});
