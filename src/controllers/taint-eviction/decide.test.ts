import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPlan, toleratedMs } from './decide.ts';

const LEAVE = { key: 'leave', value: 'yes', effect: 'NoExecute' };

test('a pod stays for as long as the shortest toleration of a taint', () => {
  const cases = [
    { tolerations: [], ms: 0 },
    { tolerations: [{ key: 'leave', operator: 'Exists' }], ms: Infinity },
    { tolerations: [{ key: 'leave', value: 'no', tolerationSeconds: 3 }], ms: 0 },
    { tolerations: [{ key: 'leave', value: 'yes', effect: 'NoExecute', tolerationSeconds: 3 }], ms: 3000 },
    { tolerations: [{ key: 'leave', value: 'yes', effect: 'NoSchedule' }], ms: 0 },
    { tolerations: [{ operator: 'Exists', tolerationSeconds: -1 }], ms: 0 },
  ];
  for (const { tolerations, ms } of cases)
    assert.equal(toleratedMs([LEAVE], tolerations), ms, JSON.stringify(tolerations));
});

test('the time counts from the first plan, and a plan for sooner takes its place', () => {
  const tolerations = [{ operator: 'Exists', tolerationSeconds: 10 }];
  const now = 100_000;
  const plan = { decidedAt: now, dueAt: now + 10_000 };
  assert.deepEqual(nextPlan([LEAVE], tolerations, { known: undefined, now }), { change: 'plan', plan });
  assert.deepEqual(nextPlan([LEAVE], tolerations, { known: plan, now: now + 5 }), { change: 'keep' });
  assert.deepEqual(nextPlan([], tolerations, { known: plan, now }), { change: 'cancel' });
  assert.equal(nextPlan([LEAVE], [], { known: plan, now: now + 5 }).change, 'plan');
});
