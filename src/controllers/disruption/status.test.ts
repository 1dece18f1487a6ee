import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import type { Budget, BudgetStatus } from './budget.ts';
import { disruptedOf, failedStatus, numbersOf, statusOf } from './status.ts';
import { staleAfterMs } from './stale-targets.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString().replace('.000', '');

function budget(spec: Budget['spec'], status?: Partial<BudgetStatus>): Budget {
  const metadata = { namespace: 'default', name: 'web', generation: 2 };
  const zero = { expectedPods: 0, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0 };
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec,
    ...(status && { status: { ...zero, ...status } }),
  };
}

function pod(name: string, isReady = true, metadata = {}): Pod {
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: {}, status: { conditions } };
}

test('how many pods shall be healthy: shares are rounded up, and never below none', () => {
  const cases = [
    { spec: { minAvailable: 3 }, pods: 2, desired: 3 },
    { spec: { minAvailable: '50%' }, pods: 5, desired: 3 },
    { spec: { maxUnavailable: '30%' }, pods: 5, desired: 3 },
    { spec: { maxUnavailable: 7 }, pods: 5, desired: 0 },
    { spec: { maxUnavailable: 0 }, pods: 5, desired: 5 },
  ];
  for (const { spec, pods, desired } of cases) {
    const numbers = { expectedPods: pods, desiredHealthy: desired };
    assert.deepEqual(numbersOf(budget(spec), pods), numbers, JSON.stringify(spec));
  }
});

test('pods that the server let go count no more until nobody believes that they go', () => {
  const disruptedPods = { soon: at(-20), late: at(-121), leaving: at(-5), gone: at(-5) };
  const pods = [pod('soon'), pod('late'), pod('leaving', true, { deletionTimestamp: at(0) }), pod('other')];
  const one = budget({ minAvailable: 1 }, { disruptedPods });
  const { waiting, notDeleted, recheckAt } = disruptedOf(one, pods, NOW);
  assert.deepEqual(waiting, { soon: at(-20) });
  assert.deepEqual(notDeleted, [pods[1]]);
  assert.equal(recheckAt, NOW + 100_000);
  const status = statusOf(one, { pods, numbers: { expectedPods: 4, desiredHealthy: 1 }, waiting, now: NOW });
  assert.equal(status?.currentHealthy, 2);
  assert.equal(status.disruptionsAllowed, 1);
  assert.deepEqual(status.disruptedPods, waiting);
});

test('a status that is right already is the same, with its times', () => {
  const parts = { pods: [pod('a'), pod('b', false)], numbers: { expectedPods: 2, desiredHealthy: 0 }, waiting: {} };
  const first = statusOf(budget({ minAvailable: 0 }), { ...parts, now: NOW })!;
  assert.deepEqual(first.conditions, [
    {
      type: 'DisruptionAllowed',
      status: 'True',
      reason: 'SufficientPods',
      message: '',
      observedGeneration: 2,
      lastTransitionTime: at(0),
    },
  ]);
  const told = budget({ minAvailable: 0 }, first);
  assert.equal(statusOf(told, { ...parts, now: NOW + 5000 }), told.status);
});

test('where nobody can tell how many may go, none may', () => {
  const failed = failedStatus(budget({}, { disruptionsAllowed: 3, currentHealthy: 4 }), new Error('no idea'), NOW);
  assert.equal(failed.disruptionsAllowed, 0);
  assert.equal(failed.currentHealthy, 4);
  assert.equal(failed.conditions?.[0]?.reason, 'SyncFailed');
  assert.equal(failed.conditions[0].message, 'no idea');
});

test('a pod that says that it is to be disrupted is believed for two minutes', () => {
  const target = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: at(-30) };
  const cases = [
    { name: 'waiting', status: { conditions: [target] }, afterMs: 90_000 },
    { name: 'long ago', status: { conditions: [{ ...target, lastTransitionTime: at(-300) }] }, afterMs: 0 },
    { name: 'of its kubelet', status: { conditions: [{ ...target, reason: 'TerminationByKubelet' }] } },
    { name: 'taken back', status: { conditions: [{ ...target, status: 'False' }] } },
    { name: 'ended', status: { phase: 'Failed', conditions: [target] } },
  ];
  for (const { name, status, afterMs } of cases)
    assert.equal(staleAfterMs({ ...pod(name), status }, NOW), afterMs, name);
});
