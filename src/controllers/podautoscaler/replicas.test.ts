import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodGroups, PodMetric } from './pod-groups.ts';
import { replicasForParts, replicasForRatio, replicasForUsage, replicasForUtilization } from './replicas.ts';

const tolerances = { scaleDown: 0.1, scaleUp: 0.1 };

function metricsOf(values: readonly number[]): ReadonlyMap<string, PodMetric> {
  return new Map(values.map((value, at) => [`pod-${at}`, { value, timestamp: 0, windowMs: 0 }]));
}

function groups(ready: number, more: { unready?: string[]; missing?: string[]; ignored?: string[] } = {}): PodGroups {
  const { unready, missing, ignored } = more;
  return { ready, unready: new Set(unready), missing: new Set(missing), ignored: new Set(ignored) };
}

// each pod requests 1000; the target is 50 percent
const cases: readonly {
  readonly name: string;
  readonly values: readonly number[];
  readonly groups: PodGroups;
  readonly replicas: number;
}[] = [
  { name: 'twice as much needs twice as many', values: [1000, 1000], groups: groups(2), replicas: 4 },
  { name: 'half as much needs half as many', values: [250, 250], groups: groups(2), replicas: 1 },
  { name: 'within the tolerance nothing is done', values: [540, 540], groups: groups(2), replicas: 2 },
  {
    name: 'pods that are not ready are taken to use nothing where more are needed',
    values: [1000, 1000],
    groups: groups(2, { unready: ['pod-9'] }),
    replicas: 4,
  },
  {
    name: 'pods without a metric are taken to use nothing where more are needed',
    values: [600],
    groups: groups(1, { missing: ['pod-8', 'pod-9'] }),
    replicas: 2,
  },
  {
    name: 'pods without a metric are taken to use all that they request where fewer would do',
    values: [100, 100],
    groups: groups(2, { missing: ['pod-9'] }),
    replicas: 2,
  },
  {
    name: 'pods that go do not count',
    values: [1000, 0],
    groups: groups(1, { ignored: ['pod-1'] }),
    replicas: 2,
  },
];

for (const { name, values, groups: sorted, replicas } of cases)
  test(`utilization: ${name}`, () => {
    const requests = new Map(Array.from({ length: 10 }, (_, at) => [`pod-${at}`, 1000]));
    const usage = { current: 2, groups: sorted, metrics: metricsOf(values), tolerances };
    assert.equal(replicasForUtilization(usage, { target: 50, requests }).replicas, replicas);
  });

test('an average is that of the pods that are measured, in whole thousandths', () => {
  const usage = { current: 3, groups: groups(3), metrics: metricsOf([10_000, 20_000, 30_001]), tolerances };
  assert.deepEqual(replicasForUsage(usage, 10_000), { replicas: 6, usage: 20_000 });
});

test('without a pod that counts nothing can be said', () => {
  const usage = { current: 1, groups: groups(0, { unready: ['pod-0'] }), metrics: metricsOf([1]), tolerances };
  assert.throws(() => replicasForUsage(usage, 1), /did not receive metrics for targeted pods/);
});

test('a metric of something else asks for as many times the ready pods, and from none for as many as there are parts', () => {
  assert.equal(
    replicasForRatio(2.1, 3, () => 2, tolerances),
    5,
  );
  assert.equal(
    replicasForRatio(1.05, 3, () => 2, tolerances),
    3,
  );
  assert.equal(
    replicasForRatio(2.1, 0, () => 0, tolerances),
    3,
  );
  assert.deepEqual(replicasForParts(10_000, 3000, 2, tolerances), { replicas: 4, usage: 5000 });
  assert.deepEqual(replicasForParts(6100, 3000, 2, tolerances), { replicas: 2, usage: 3050 });
});
