import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import { countPods } from './counts.ts';
import { type Job, type JobStatus, TRACKING } from './job.ts';
import { FAILURE_COUNT, INDEX } from './job-pod.ts';
import { countEnded, countReleased } from './tally.ts';

function jobOf(spec: Partial<Job['spec']> = {}, status: JobStatus = {}): Job {
  return { metadata: { name: 'it', uid: 'job' }, spec: { selector: {}, template: {}, ...spec }, status };
}

/** `UID PHASE [INDEX]`; a phase in capitals is of a pod that is counted already, and `-` stands before one that is deleted. */
function podOf(text: string): Pod {
  const [uid = '', given = '', index] = text.split(' ');
  const phase = given.replace('-', '');
  return {
    metadata: {
      uid,
      name: uid,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(phase !== phase.toUpperCase() && { finalizers: [TRACKING] }),
      ...(given.startsWith('-') && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ...(index !== undefined && { annotations: { [INDEX]: index, [FAILURE_COUNT]: '0' } }),
    },
    spec: {},
    status: { phase: phase[0]!.toUpperCase() + phase.slice(1).toLowerCase() },
  };
}

interface Case {
  readonly name: string;
  readonly job: Job;
  readonly pods: readonly string[];
  readonly released?: readonly string[];
  /** `active/succeeded/failed`, and of an indexed Job which indexes. */
  readonly counts: string;
  /** What is written down: `succeeded: UIDs; failed: UIDs; release: UIDs`. */
  readonly tally: string;
}

const indexed = { completionMode: 'Indexed', completions: 3 };
const cases: readonly Case[] = [
  {
    name: 'pods that run, succeeded and failed',
    job: jobOf(),
    pods: ['a running', 'b succeeded', 'c failed'],
    counts: '1/1/1',
    tally: 'b; c; b c',
  },
  {
    name: 'what the status has and what waits to be counted come to it',
    job: jobOf({}, { succeeded: 2, failed: 1, uncountedTerminatedPods: { succeeded: ['b'], failed: ['x'] } }),
    pods: ['b succeeded', 'c succeeded', 'x failed'],
    counts: '0/4/2',
    tally: 'b c; x; b c x',
  },
  {
    name: 'a pod without the finalizer is counted already, also where the cache still shows it',
    job: jobOf({}, { succeeded: 1, failed: 1 }),
    pods: ['b SUCCEEDED', 'c failed'],
    released: ['c'],
    counts: '0/1/1',
    tally: '; ; ',
  },
  {
    name: 'a pod that is deleted counts as failed',
    job: jobOf(),
    pods: ['a -running'],
    counts: '0/0/1',
    tally: '; a; a',
  },
  {
    name: 'and not before it is at its end, where only failed ones are replaced',
    job: jobOf({ podReplacementPolicy: 'Failed' }),
    pods: ['a -running'],
    counts: '0/0/0',
    tally: '; ; ',
  },
  {
    name: 'of an indexed Job indexes count, not pods',
    job: jobOf(indexed, { completedIndexes: '0' }),
    pods: ['a succeeded 0', 'b succeeded 1', 'c failed 2', 'd failed'],
    counts: '0/2/1 0,1',
    tally: '; c; a b c d',
  },
];

describe('the pods of a Job are counted', () => {
  for (const { name, job, pods, released = [], counts, tally } of cases)
    test(name, () => {
      const counted = countPods(job, pods.map(podOf), new Set(released));
      const numbers = [counted.active.length, counted.succeeded, counted.failed].join('/');
      assert.equal([numbers, counted.indexes?.succeeded].filter(Boolean).join(' '), counts);
      const status = structuredClone(job.status!);
      const before = status.uncountedTerminatedPods ?? {};
      const uncounted = { succeeded: [...(before.succeeded ?? [])], failed: [...(before.failed ?? [])] };
      const { release } = countEnded(job, counted, { status, uncounted, end: undefined });
      const uids = release.map(({ metadata }) => metadata.uid!).sort();
      assert.equal([uncounted.succeeded, uncounted.failed, uids].map((some) => some.join(' ')).join('; '), tally);
    });
});

test('what was written down is counted when its finalizer is gone, once', () => {
  const status: JobStatus = { succeeded: 1 };
  const uncounted = { succeeded: ['a', 'b'], failed: ['c'] };
  assert.equal(countReleased(status, uncounted, new Set(['b'])), true);
  assert.deepEqual(
    [status, uncounted],
    [
      { succeeded: 2, failed: 1 },
      { succeeded: ['b'], failed: [] },
    ],
  );
  assert.equal(countReleased(status, uncounted, new Set(['b'])), false);
});
