import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DependentCounter } from './dependents.ts';
import type { NewRecord } from './history-record.ts';

function seen(kind: string, uid: string, controller: string, type: NewRecord['type'], seenAt: number): NewRecord {
  const object = { id: 1, group: '', version: 'v1', kind, namespace: 'shop', name: uid };
  return { object, uid, controller, type, seenAt, resourceVersion: '', writers: [], changes: [] };
}

test('pods count for what controls them and for what controls that, within the time', () => {
  const counter = new DependentCounter(1000);
  counter.observe(seen('ReplicaSet', 'rs', 'web', 'created', 100));
  counter.observe(seen('Pod', 'early', 'rs', 'deleted', 150));
  counter.observe(seen('Pod', 'a', 'rs', 'created', 200));
  counter.observe(seen('Pod', 'b', 'rs', 'created', 250));
  counter.observe(seen('Pod', 'c', 'other', 'created', 250));
  counter.observe(seen('Pod', 'a', 'rs', 'deleted', 300));
  counter.observe(seen('Pod', 'd', 'rs', 'changed', 300));
  assert.deepEqual(counter.of('web', 0), { replicaSetsCreated: 1, podsCreated: 2, podsDeleted: 2 });
  assert.deepEqual(counter.of('web', 200), { replicaSetsCreated: 0, podsCreated: 2, podsDeleted: 1 });
  assert.deepEqual(counter.of('rs', 0), { replicaSetsCreated: 0, podsCreated: 2, podsDeleted: 2 });
  assert.deepEqual(counter.of('db', 0), { replicaSetsCreated: 0, podsCreated: 0, podsDeleted: 0 });
});
