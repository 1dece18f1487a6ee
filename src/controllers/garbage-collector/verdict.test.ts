import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerReference } from 'nekube/apimachinery';
import { type Verdict, verdictOn } from './verdict.ts';

const owner = (uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });
const calm = { deletingDependents: false };
const waits = { deletingDependents: true };

const cases: readonly {
  name: string;
  solid?: string[];
  dangling?: string[];
  waiting?: string[];
  dependents?: { deletingDependents: boolean }[];
  finalizers?: string[];
  expected: Verdict;
}[] = [
  { name: 'an owner that stays keeps it', solid: ['a'], expected: { does: 'keep' } },
  {
    name: 'owners that are gone or wait are taken away where another stays',
    solid: ['a'],
    dangling: ['b'],
    waiting: ['c'],
    expected: { does: 'release', uids: ['b', 'c'] },
  },
  {
    name: 'without owners it goes in the background',
    dangling: ['a'],
    expected: { does: 'delete', policy: 'Background' },
  },
  {
    name: 'an owner that waits has it wait for its own dependents',
    waiting: ['a'],
    dependents: [calm],
    expected: { does: 'delete', policy: 'Foreground' },
  },
  {
    name: 'where a dependent waits, too, this may be a circle, and is undone',
    waiting: ['a'],
    dependents: [calm, waits],
    expected: { does: 'delete', policy: 'Foreground', unblocks: true },
  },
  {
    name: 'without dependents there is nothing to wait for',
    waiting: ['a'],
    expected: { does: 'delete', policy: 'Background' },
  },
  {
    name: 'an orphan finalizer that is there already is honoured',
    dangling: ['a'],
    finalizers: ['orphan', 'foregroundDeletion'],
    expected: { does: 'delete', policy: 'Orphan' },
  },
  {
    name: 'a foreground finalizer that is there already is honoured',
    dangling: ['a'],
    finalizers: ['foregroundDeletion'],
    expected: { does: 'delete', policy: 'Foreground' },
  },
];

for (const { name, solid = [], dangling = [], waiting = [], dependents = [], finalizers = [], expected } of cases)
  test(name, () => {
    const owners = { solid: solid.map(owner), dangling: dangling.map(owner), waiting: waiting.map(owner) };
    assert.deepEqual(verdictOn({ metadata: { finalizers } }, owners, dependents), expected);
  });
