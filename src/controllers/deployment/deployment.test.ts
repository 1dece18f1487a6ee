import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReplicaSet } from '../replicaset/replica-set.ts';
import { annotationsOfRevision } from './annotations.ts';
import { type Deployment, maxSurge, maxUnavailable } from './deployment.ts';
import { isComplete, pausedCondition, progressCheckMs, rolloutStatusOf } from './progress.ts';
import { setsToForget, surplusScales, unhealthyScales } from './rollout.ts';
import { scalesFor } from './scaling.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');

function deployment(replicas: number, change: Partial<Deployment['spec']> = {}, status = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
      template: { spec: { containers: [{ name: 'new' }] } },
      ...change,
    },
    status,
  };
}

/** A set `a` is older than a set `b`. */
function set(
  name: string,
  replicas: number,
  more: { available?: number; told?: number; revision?: number } = {},
): ReplicaSet {
  const { available = replicas, told, revision = 1 } = more;
  const sizes = {
    'deployment.kubernetes.io/desired-replicas': '10',
    'deployment.kubernetes.io/max-replicas': String(told),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      uid: name,
      generation: 1,
      annotations: { 'deployment.kubernetes.io/revision': String(revision), ...(told !== undefined && sizes) },
    },
    spec: { replicas, selector: {}, template: {} },
    status: { replicas, availableReplicas: available, readyReplicas: available, observedGeneration: 1 },
  };
}

const limits: readonly (readonly [
  name: string,
  desired: number,
  surge: number | string,
  missing: number | string,
  ...expected: number[],
])[] = [
  ['numbers are what they are', 10, 3, 2, 3, 2],
  ['percentages of surge are rounded up, of pods that may be missing down', 5, '25%', '25%', 2, 1],
  ['where both come to nothing, one pod may be missing', 3, 0, '25%', 0, 1],
  ['no more may be missing than there shall be', 2, 0, 5, 0, 2],
  ['of no pods none is missing', 0, 1, 1, 1, 0],
];
for (const [name, desired, surge, missing, ...expected] of limits)
  test(`limits of a rolling update: ${name}`, () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: missing } };
    const one = deployment(desired, { strategy });
    assert.deepEqual([maxSurge(one), maxUnavailable(one)], expected);
  });

const sizes: readonly (readonly [
  name: string,
  desired: number,
  sets: readonly ReplicaSet[],
  expected: Record<string, number>,
])[] = [
  ['the only one has all', 7, [set('a', 3)], { a: 7 }],
  ['the only one that has as many stays', 3, [set('a', 3)], {}],
  ['what is added is shared by size', 15, [set('a', 8, { told: 13 }), set('b', 5, { told: 13 })], { a: 11, b: 7 }],
  ['what is taken is shared by size', 5, [set('a', 8, { told: 13 }), set('b', 5, { told: 13 })], { a: 5, b: 3 }],
  ['all go', 0, [set('a', 8, { told: 13 }), set('b', 5, { told: 13 })], { a: 0, b: 0 }],
  [
    'of equal ones the newest has what is left',
    11,
    [set('a', 7, { told: 14 }), set('b', 6, { told: 14 })],
    { a: 8, b: 6 },
  ],
];
for (const [name, desired, sets, expected] of sizes)
  test(`a deployment is scaled: ${name}`, () => {
    const scales = scalesFor(deployment(desired), { current: sets.at(-1), old: sets.slice(0, -1) });
    assert.deepEqual(
      Object.fromEntries(scales.map(({ set: { metadata }, replicas }) => [metadata.name, replicas])),
      expected,
    );
  });

test('in a rollout the unhealthy go first, and no more than may be missing', () => {
  const [current, old] = [set('c', 3, { available: 0 }), [set('a', 4, { available: 1 }), set('b', 6)]];
  const unhealthy = unhealthyScales(deployment(10), current, old);
  assert.deepEqual(
    unhealthy?.map((scale) => [scale.set.metadata.name, scale.replicas]),
    [['a', 2]],
  );
  assert.deepEqual(surplusScales(deployment(10), current, old), []);
  assert.equal(unhealthyScales(deployment(12), current, old), undefined);
});

test('the sets of the oldest revisions are forgotten, but for those that have pods', () => {
  const old = [set('a', 0, { revision: 10 }), set('b', 0, { revision: 2 }), set('c', 1, { revision: 1 })];
  const forgotten = setsToForget(deployment(1, { revisionHistoryLimit: 1 }), old);
  assert.deepEqual(
    forgotten.map(({ metadata }) => metadata.name),
    ['b'],
  );
});

test('a revision that comes again remembers what it was, as far as there is room', () => {
  const key = 'deployment.kubernetes.io/revision';
  const before = { [key]: '3', [`${key}-history`]: '1' };
  assert.deepEqual(annotationsOfRevision(deployment(1), before, 5), { [key]: '5', [`${key}-history`]: '1,3' });
  const long = { [key]: '3', [`${key}-history`]: `1,${'9'.repeat(1997)}` };
  assert.equal(annotationsOfRevision(deployment(1), long, 5)[`${key}-history`], `${'9'.repeat(1997)},3`);
  assert.deepEqual(annotationsOfRevision(deployment(1), { [key]: 'x' }, 5), { [key]: 'x' });
});

test('a rollout is late when nothing was done since its deadline, and looked at until then', () => {
  const condition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: '' };
  const since = (time: string): Deployment => {
    const conditions = [{ ...condition, lastUpdateTime: time, lastTransitionTime: time }];
    return deployment(1, { progressDeadlineSeconds: 30 }, { conditions, replicas: 1, updatedReplicas: 1 });
  };
  const revisions = { current: set('a', 1, { available: 0 }), old: [] };
  const reason = (of: Deployment): unknown =>
    rolloutStatusOf(of, revisions, NOW).conditions?.find(({ type }) => type === 'Progressing')?.reason;
  assert.equal(reason(since('2026-01-01T00:00:29Z')), 'ProgressDeadlineExceeded');
  assert.equal(reason(since('2026-01-01T00:00:30Z')), 'ReplicaSetUpdated');
  assert.equal(progressCheckMs(since('2026-01-01T00:00:40Z'), {}, NOW), 11_000);
  assert.equal(progressCheckMs(since('2026-01-01T00:00:30Z'), {}, NOW), 5);
});

const UPDATED = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
const complete: readonly (readonly [what: string, status: object, expected: boolean])[] = [
  ['all are new and available', UPDATED, true],
  ['some are old', { ...UPDATED, updatedReplicas: 1 }, false],
  ['there are others', { ...UPDATED, replicas: 3 }, false],
  ['one is not available', { ...UPDATED, availableReplicas: 1 }, false],
  ['it is of an older spec', { ...UPDATED, observedGeneration: 0 }, false],
  ['nothing is known', {}, false],
];
for (const [what, status, expected] of complete)
  test(`a rollout is ${expected ? '' : 'not '}complete if ${what}`, () =>
    assert.equal(isComplete(deployment(2), status as Deployment['status']), expected));

describe('how a rollout goes on', () => {
  const time = '2026-01-01T00:00:50Z';
  const told = (status: string, reason: string) => ({
    conditions: [{ type: 'Progressing', status, reason, message: '', lastUpdateTime: time, lastTransitionTime: time }],
  });
  const cases: readonly {
    readonly name: string;
    readonly status: object;
    readonly available: number;
    /** What is said, and when that turned and was told. */
    readonly expected: readonly string[] | undefined;
  }[] = [
    { name: 'a rollout that does nothing says nothing', status: {}, available: 0, expected: undefined },
    {
      name: 'each pod is told, from when it turned to be so',
      status: { ...told('True', 'NewReplicaSetCreated'), replicas: 2, updatedReplicas: 2 },
      available: 1,
      expected: ['True', 'ReplicaSetUpdated', time, '2026-01-01T00:01:00Z'],
    },
    {
      name: 'and turns again after it was late',
      status: { ...told('False', 'ProgressDeadlineExceeded'), replicas: 2, updatedReplicas: 2 },
      available: 1,
      expected: ['True', 'ReplicaSetUpdated', '2026-01-01T00:01:00Z', '2026-01-01T00:01:00Z'],
    },
    {
      name: 'the last pod completes it',
      status: { ...told('True', 'ReplicaSetUpdated'), replicas: 2, updatedReplicas: 2 },
      available: 2,
      expected: ['True', 'NewReplicaSetAvailable', time, '2026-01-01T00:01:00Z'],
    },
    {
      name: 'what is complete stays so when a pod fails',
      status: { ...told('True', 'NewReplicaSetAvailable'), ...UPDATED },
      available: 1,
      expected: ['True', 'NewReplicaSetAvailable', time, time],
    },
  ];
  for (const { name, status, available, expected } of cases)
    test(name, () => {
      const of = deployment(2, { progressDeadlineSeconds: 30 }, status);
      const replicas = expected === undefined ? 0 : 2;
      const current = set('a', replicas, { available });
      const { conditions } = rolloutStatusOf(of, { current, old: [] }, NOW);
      const found = conditions?.find(({ type }) => type === 'Progressing');
      const shown = found && [found.status, found.reason, found.lastTransitionTime, found.lastUpdateTime];
      assert.deepEqual(shown, expected);
    });

  test('without a deadline nothing is said', () => {
    const of = deployment(2, {}, told('True', 'ReplicaSetUpdated'));
    const { conditions } = rolloutStatusOf(of, { current: set('a', 2), old: [] }, NOW);
    assert.equal(
      conditions?.find(({ type }) => type === 'Progressing'),
      undefined,
    );
    assert.equal(progressCheckMs(of, {}, NOW), undefined);
  });

  test('pauses are told, and their ends', () => {
    const reasonOf = (paused: boolean, reason: string): string | undefined =>
      pausedCondition(deployment(1, { paused, progressDeadlineSeconds: 1 }, told('True', reason)), NOW)?.reason;
    assert.equal(reasonOf(true, 'ReplicaSetUpdated'), 'DeploymentPaused');
    assert.equal(reasonOf(true, 'DeploymentPaused'), undefined);
    assert.equal(reasonOf(false, 'DeploymentPaused'), 'DeploymentResumed');
    assert.equal(reasonOf(false, 'ReplicaSetUpdated'), undefined);
    assert.equal(reasonOf(true, 'ProgressDeadlineExceeded'), undefined);
  });
});
