import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import { countPods } from './counts.ts';
import { deadlineMs, endOf } from './finish.ts';
import { type Job, type JobStatus, TRACKING } from './job.ts';
import { INDEX } from './job-pod.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');

const jobOf = (spec: object = {}, status: JobStatus = {}): Job => ({
  metadata: { name: 'it', uid: 'job' },
  spec: { selector: {}, template: {}, ...spec } as Job['spec'],
  status,
});

let uids = 0;
/** A pod in a phase, of an index if one is given, whose container was restarted so often. */
function podOf(
  phase: string,
  more: { readonly index?: number; readonly restarts?: number; readonly code?: number } = {},
): Pod {
  const { index, restarts, code } = more;
  const state = code === undefined ? {} : { state: { terminated: { exitCode: code } } };
  return {
    metadata: {
      uid: `${uids++}`,
      name: 'p',
      namespace: 'ns',
      finalizers: [TRACKING],
      ...(index !== undefined && { annotations: { [INDEX]: String(index) } }),
    },
    spec: {},
    status: { phase, containerStatuses: [{ name: 'c', restartCount: restarts ?? 0, ...state }] },
  };
}
const times = (count: number, make: () => Pod): Pod[] => Array.from({ length: count }, make);
const failed = (): Pod => podOf('Failed', { code: 1 });
const onFailure = { template: { spec: { restartPolicy: 'OnFailure' } } };
const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: 'm' });
const indexed = (completions: number, more: object = {}) => ({ completionMode: 'Indexed', completions, ...more });
const policy = { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } };

describe('a Job', () => {
  const cases: readonly [what: string, job: Job, pods: readonly Pod[], end: string | undefined][] = [
    ['goes on', jobOf(), [podOf('Running')], undefined],
    ['goes on with as many failures as it may have', jobOf({ backoffLimit: 2 }), times(2, failed), undefined],
    ['fails with one more', jobOf({ backoffLimit: 2 }), times(3, failed), 'FailureTarget BackoffLimitExceeded'],
    ['may have six failures if it says nothing', jobOf(), times(6, failed), undefined],
    ['fails with the seventh', jobOf(), times(7, failed), 'FailureTarget BackoffLimitExceeded'],
    [
      'does not count restarts where pods fail',
      jobOf({ backoffLimit: 1 }),
      [podOf('Running', { restarts: 9 })],
      undefined,
    ],
    [
      'goes on below its restarts',
      jobOf({ ...onFailure, backoffLimit: 3 }),
      [podOf('Running', { restarts: 2 })],
      undefined,
    ],
    [
      'fails with its last restart',
      jobOf({ ...onFailure, backoffLimit: 3 }),
      [podOf('Running', { restarts: 2 }), podOf('Pending', { restarts: 1 })],
      'FailureTarget BackoffLimitExceeded',
    ],
    [
      'does not count restarts of what has ended',
      jobOf({ ...onFailure, backoffLimit: 3 }),
      [podOf('Succeeded', { restarts: 3 })],
      undefined,
    ],
    [
      'that may have no restart goes on without one',
      jobOf({ ...onFailure, backoffLimit: 0 }),
      [podOf('Running')],
      undefined,
    ],
    [
      'that may have no restart fails with one',
      jobOf({ ...onFailure, backoffLimit: 0 }),
      [podOf('Running', { restarts: 1 })],
      'FailureTarget BackoffLimitExceeded',
    ],
    ['fails by a rule', jobOf(policy), [failed()], 'FailureTarget PodFailurePolicy'],
    [
      'fails at its deadline',
      jobOf({ activeDeadlineSeconds: 60 }, { startTime: '2026-01-01T00:00:00Z' }),
      [],
      'FailureTarget DeadlineExceeded',
    ],
    ['goes on before it', jobOf({ activeDeadlineSeconds: 61 }, { startTime: '2026-01-01T00:00:00Z' }), [], undefined],
    [
      'fails when too many indexes have',
      jobOf(indexed(3, { backoffLimitPerIndex: 0, maxFailedIndexes: 1, backoffLimit: 99 })),
      [0, 1].map((index) => podOf('Failed', { index })),
      'FailureTarget MaxFailedIndexesExceeded',
    ],
    [
      'goes on when one index has, and others have not ended',
      jobOf(indexed(3, { backoffLimitPerIndex: 0, backoffLimit: 99 })),
      [podOf('Failed', { index: 0 }), podOf('Succeeded', { index: 1 })],
      undefined,
    ],
    [
      'fails when all indexes have ended, and one has failed',
      jobOf(indexed(2, { backoffLimitPerIndex: 0, backoffLimit: 99 })),
      [podOf('Failed', { index: 0 }), podOf('Succeeded', { index: 1 })],
      'FailureTarget FailedIndexes',
    ],
    [
      'is what was written down',
      jobOf({}, { conditions: [condition('FailureTarget', 'Why')] as never }),
      [],
      'Failed Why',
    ],
    [
      'has succeeded once that was written down, whatever fails',
      jobOf({ backoffLimit: 0 }, { conditions: [condition('SuccessCriteriaMet', 'SuccessPolicy')] as never }),
      [failed()],
      'SuccessCriteriaMet SuccessPolicy',
    ],
    [
      'succeeds by so many indexes',
      jobOf(indexed(3, { successPolicy: { rules: [{ succeededCount: 1 }] } })),
      [podOf('Succeeded', { index: 2 })],
      'SuccessCriteriaMet SuccessPolicy',
    ],
    [
      'goes on with fewer',
      jobOf(indexed(3, { successPolicy: { rules: [{ succeededCount: 2 }] } })),
      [podOf('Succeeded', { index: 2 })],
      undefined,
    ],
    [
      'succeeds by all of some indexes',
      jobOf(indexed(3, { successPolicy: { rules: [{ succeededIndexes: '0,2' }] } })),
      [0, 2].map((index) => podOf('Succeeded', { index })),
      'SuccessCriteriaMet SuccessPolicy',
    ],
    [
      'goes on with one of them',
      jobOf(indexed(3, { successPolicy: { rules: [{ succeededIndexes: '0,2' }] } })),
      [0, 1].map((index) => podOf('Succeeded', { index })),
      undefined,
    ],
    [
      'succeeds by so many of them',
      jobOf(indexed(3, { successPolicy: { rules: [{ succeededIndexes: '0,2', succeededCount: 1 }] } })),
      [podOf('Succeeded', { index: 2 })],
      'SuccessCriteriaMet SuccessPolicy',
    ],
  ];
  for (const [what, job, pods, end] of cases)
    test(what, () => {
      const found = endOf(job, countPods(job, pods, new Set()), NOW);
      assert.equal(found && `${found.type} ${found.reason}`, end);
    });
});

test('a deadline counts from the start, and not while the Job is suspended', () => {
  const started = { startTime: '2026-01-01T00:00:30Z' };
  assert.equal(deadlineMs(jobOf({ activeDeadlineSeconds: 40 }, started), NOW), 10_000);
  assert.equal(deadlineMs(jobOf({ activeDeadlineSeconds: 40, suspend: true }, started), NOW), undefined);
  assert.equal(deadlineMs(jobOf({ activeDeadlineSeconds: 40 }), NOW), undefined);
  assert.equal(deadlineMs(jobOf({}, started), NOW), undefined);
});
