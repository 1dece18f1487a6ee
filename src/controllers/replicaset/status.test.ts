import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import type { ReplicaSet } from './replica-set.ts';
import { isStatusCurrent, statusOf } from './status.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');

function setOf(replicas: number, minReadySeconds = 0, status: ReplicaSet['status'] = undefined): ReplicaSet {
  const template = { metadata: { labels: { app: 'web', tier: 'front' } } };
  return {
    metadata: { name: 'web', generation: 2 },
    spec: { replicas, minReadySeconds, selector: {}, template },
    ...(status && { status }),
  };
}

/** A pod that is ready since so many seconds; undefined: it is not. */
function podOf(readySeconds?: number, labels: Record<string, string> = { app: 'web', tier: 'front', more: 'x' }): Pod {
  const lastTransitionTime = new Date(NOW - (readySeconds ?? 0) * 1000).toISOString();
  const ready = { type: 'Ready', status: readySeconds === undefined ? 'False' : 'True', lastTransitionTime };
  return { metadata: { name: 'p', labels }, spec: {}, status: { phase: 'Running', conditions: [ready] } };
}

const counts = (set: ReplicaSet, active: readonly Pod[], terminating: readonly Pod[] = []) =>
  statusOf(set, { active, terminating, error: undefined, now: NOW });

describe('the status of a ReplicaSet', () => {
  test('leaves out what is zero, but for the pods that there are and those that go', () =>
    assert.deepEqual(counts(setOf(1), []), { replicas: 0, terminatingReplicas: 0 }));

  test('counts pods by what they are like', () =>
    assert.deepEqual(counts(setOf(3, 30), [podOf(30), podOf(29), podOf()], [podOf()]), {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
    }));

  test('counts as labelled those that have all labels of the template', () => {
    const pods = [podOf(), podOf(undefined, { app: 'web' }), podOf(undefined, {})];
    assert.equal(counts(setOf(3), pods).fullyLabeledReplicas, 1);
  });

  const failed = (replicas: number, active: number, status?: ReplicaSet['status']) => {
    const pods = Array.from({ length: active }, () => podOf());
    const error = new Error('no room');
    return statusOf(setOf(replicas, 0, status), { active: pods, terminating: [], error, now: NOW }).conditions;
  };

  test('says what failed, from when on, and why', () => {
    const told = {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: '2026-01-01T00:01:00Z',
      reason: 'FailedCreate',
      message: 'no room',
    };
    assert.deepEqual(failed(2, 1), [told]);
    assert.deepEqual(failed(1, 2), [{ ...told, reason: 'FailedDelete' }]);
  });

  test('says it as it did as long as it fails, and no more when it does not', () => {
    const before = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'before' };
    const status = { replicas: 1, conditions: [before] };
    assert.deepEqual(failed(2, 1, status), [before]);
    assert.equal(counts(setOf(1, 0, status), [podOf()]).conditions, undefined);
  });

  test('is written where it changed, or is of an older spec', () => {
    const status = { ...counts(setOf(1), [podOf()]), observedGeneration: 2 };
    assert.equal(isStatusCurrent(setOf(1, 0, status), status), true);
    assert.equal(isStatusCurrent(setOf(1, 0, status), { ...status, replicas: 2 }), false);
    const old = { ...status, observedGeneration: 1 };
    assert.equal(isStatusCurrent(setOf(1, 0, old), old), false);
  });
});
