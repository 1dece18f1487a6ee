import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorRead } from './operator-write.ts';
import { readSetOf } from './read-set.ts';

const read = (of: Partial<OperatorRead>): OperatorRead => ({
  ...{ verb: 'get', group: '', resource: 'configmaps', subresource: '', namespace: 'audit-0a-1b', name: '', code: 200 },
  ...of,
});

test('what was read is told once, with words, selectors, and without what was refused', () => {
  const reads = [
    read({ name: 'probe-001-q' }),
    read({ name: 'probe-002-q', namespace: 'audit-0a-2c', code: 404 }),
    read({ verb: 'list', labelSelector: 'for=probe-003-q', fieldSelector: 'type=key' }),
    read({ verb: 'watch', namespace: '', group: 'apps', resource: 'deployments' }),
    read({ name: 'secret', code: 403 }),
  ];
  assert.deepEqual(readSetOf(reads), [
    'get configmaps ‹namespace›/‹name›',
    'list configmaps in ‹namespace›, with for=‹name›, type=key',
    'watch deployments.apps in all namespaces',
  ]);
});
