import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../api/kinds.ts';
import { changeOf, Recent } from './recent.ts';

const kind = (path: string): Kind => ({ path }) as Kind;
const pod = kind('core/v1/pods');
const made = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:05:00Z';

test('the last change is by the manager whose entry is newest', () => {
  const managedFields = [
    { manager: 'kubectl', time: made },
    { manager: 'kubelet', time: later },
  ];
  const { what, manager, atMs } = changeOf(pod, { name: 'a', uid: '1', creationTimestamp: made, managedFields });
  assert.deepEqual([what, manager, atMs], ['changed', 'kubelet', Date.parse(later)]);
});

test('an object as it was made has not changed, and one that goes is going', () => {
  const managedFields = [{ manager: 'kubectl', time: made }];
  const metadata = { name: 'a', uid: '1', creationTimestamp: made, managedFields };
  assert.equal(changeOf(pod, metadata).what, 'made');
  assert.equal(changeOf(pod, { ...metadata, deletionTimestamp: later }).what, 'deleting');
});

test('the newest changes come first, with few of one kind', () => {
  const recent = new Recent();
  for (const [i, one] of [pod, pod, pod, kind('apps/v1/deployments')].entries())
    recent.put(
      changeOf(one, { name: `n${i}`, uid: `${i}`, creationTimestamp: new Date(i * 1000 - 9000).toISOString() }),
    );
  const names = () => recent.newest(3, 2).map(({ name }) => name);
  assert.deepEqual(names(), ['n3', 'n2', 'n1']);
  recent.delete('2');
  assert.deepEqual(names(), ['n3', 'n1', 'n0']);
  recent.forget(pod);
  assert.deepEqual(names(), ['n3']);
});
