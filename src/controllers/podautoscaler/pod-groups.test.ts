import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupPods, type MeasuredPod, type PodMetric, requestsOf } from './pod-groups.ts';

const NOW = Date.parse('2030-01-01T01:00:00Z');
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

interface How {
  readonly phase?: string;
  readonly isDeleted?: boolean;
  readonly startedMinutesAgo?: number;
  readonly ready?: string;
  readonly sinceMinutesAgo?: number;
}

function pod({
  phase = 'Running',
  isDeleted = false,
  startedMinutesAgo = 30,
  ready = 'True',
  sinceMinutesAgo = 20,
}: How): MeasuredPod {
  return {
    metadata: { name: 'one', ...(isDeleted && { deletionTimestamp: ago(0) }) },
    spec: {},
    status: {
      phase,
      startTime: ago(startedMinutesAgo),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago(sinceMinutesAgo) }],
    },
  };
}

const fresh: PodMetric = { value: 1, timestamp: NOW, windowMs: 30_000 };
const cases: readonly {
  readonly name: string;
  readonly how: How;
  readonly metric?: PodMetric | null;
  readonly group: string;
}[] = [
  { name: 'that is ready and measured', how: {}, group: 'ready' },
  { name: 'that is on its way out', how: { isDeleted: true }, group: 'ignored' },
  { name: 'that failed', how: { phase: 'Failed' }, group: 'ignored' },
  { name: 'that does not run yet', how: { phase: 'Pending' }, group: 'unready' },
  { name: 'that is not measured', how: {}, metric: null, group: 'missing' },
  {
    name: 'that starts and is not ready',
    how: { startedMinutesAgo: 2, ready: 'False', sinceMinutesAgo: 2 },
    group: 'unready',
  },
  {
    name: 'that has just become ready and was measured before',
    how: { startedMinutesAgo: 2, sinceMinutesAgo: 1 },
    metric: { ...fresh, timestamp: NOW - 45_000 },
    group: 'unready',
  },
  { name: 'that was never ready', how: { ready: 'False', sinceMinutesAgo: 30 }, group: 'unready' },
  { name: 'that is no longer ready', how: { ready: 'False', sinceMinutesAgo: 10 }, group: 'ready' },
];

describe('a pod', () => {
  for (const { name, how, metric = fresh, group } of cases)
    test(`${name} is ${group}`, () => {
      const metrics = new Map(metric === null ? [] : [['one', metric]]);
      const groups = groupPods([pod(how)], metrics, { resource: 'cpu', now: NOW });
      const found =
        groups.ready === 1
          ? 'ready'
          : (['unready', 'missing', 'ignored'] as const).find((one) => groups[one].size === 1);
      assert.equal(found, group);
    });

  test('that was never ready counts for all but the CPU', () => {
    const metrics = new Map([['one', fresh]]);
    const never = pod({ ready: 'False', sinceMinutesAgo: 30 });
    assert.equal(groupPods([never], metrics, { resource: 'memory', now: NOW }).ready, 1);
  });
});

describe('what a pod requests', () => {
  const container = (name: string, cpu?: string) => {
    const requests: Record<string, string> = cpu === undefined ? {} : { cpu };
    return { name, resources: { requests } };
  };
  const of = (spec: MeasuredPod['spec']): MeasuredPod => ({ metadata: { name: 'one' }, spec });
  const requests = (spec: MeasuredPod['spec'], only?: string): number =>
    requestsOf([of(spec)], 'cpu', only).get('one')!;

  test('is the sum of its containers and sidecars, one of them, or what it requests as a whole', () => {
    const containers = [container('a', '100m'), container('b', '1')];
    const initContainers = [{ ...container('side', '10m'), restartPolicy: 'Always' }, container('init', '5')];
    assert.equal(requests({ containers, initContainers }), 1110);
    assert.equal(requests({ containers, initContainers }, 'b'), 1000);
    assert.equal(requests({ containers, resources: { requests: { cpu: '2' } } }), 2000);
  });

  test('must be said', () => {
    assert.throws(() => requests({ containers: [container('a')] }), {
      message: 'missing request for cpu in container a of Pod one',
    });
    assert.throws(() => requests({ containers: [container('a', '1')] }, 'z'), {
      message: 'container z not found in Pod one',
    });
  });
});
