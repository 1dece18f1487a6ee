import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeUse } from './fake-use.ts';
import { usageOf } from './objects.ts';
import { type ContainerSample, measure, type Sample } from './sample.ts';
import { Sampler } from './sampler.ts';

const SECOND_NS = 1e9;
const container = (name: string, startedAt: number, seconds: number, memoryBytes = 4096): ContainerSample => ({
  name,
  startedAt,
  memoryBytes,
  cpu: { usedNanoseconds: seconds * SECOND_NS },
});
const sample = (at: number, ...containers: readonly ContainerSample[]): Sample => {
  const pods = containers.length === 0 ? [] : [{ namespace: 'default', name: 'web', uid: '1', labels: {}, containers }];
  return { at, nodes: [{ name: 'node-1', pods }] };
};

describe('what was used between two samples', () => {
  const cases: readonly {
    readonly name: string;
    readonly before?: Sample;
    readonly last: Sample;
    /** Thousandths of a processor of each container, and the window. */
    readonly used: readonly number[];
    readonly windowMs?: number;
  }[] = [
    {
      name: 'is the time of processors by that which went by',
      before: sample(10_000, container('a', 0, 3)),
      last: sample(20_000, container('a', 0, 8)),
      used: [500],
      windowMs: 10_000,
    },
    {
      name: 'counts from the start of a container that is new',
      before: sample(10_000, container('a', 0, 3)),
      last: sample(20_000, container('a', 0, 3), container('b', 18_000, 1)),
      used: [0, 500],
      windowMs: 2000,
    },
    {
      name: 'counts from the start of one that began again',
      before: sample(10_000, container('a', 0, 3)),
      last: sample(20_000, container('a', 15_000, 1)),
      used: [200],
      windowMs: 5000,
    },
    {
      name: 'is never less than nothing: a process that goes takes its time with it',
      before: sample(10_000, container('a', 0, 3)),
      last: sample(20_000, container('a', 0, 2)),
      used: [0],
      windowMs: 10_000,
    },
    {
      name: 'is not known of a container that has just begun',
      last: sample(20_000, container('a', 19_990, 0)),
      used: [],
    },
    {
      name: 'is known after a single sample, too',
      last: sample(20_000, container('a', 10_000, 1)),
      used: [100],
      windowMs: 10_000,
    },
  ];
  for (const { name, before, last, used, windowMs } of cases)
    test(name, () => {
      const { pods, nodes } = measure(last, before, 15_000);
      assert.deepEqual(
        pods.flatMap(({ containers }) => containers.map(({ nanocores }) => nanocores / 1e6)),
        used,
      );
      assert.equal(pods[0]?.windowMs, windowMs);
      assert.equal(nodes[0]?.nanocores, used.reduce((a, b) => a + b, 0) * 1e6);
    });
  test('is what it is said to be, where nothing is measured', () => {
    const said: ContainerSample = { name: 'a', startedAt: 0, memoryBytes: 1, cpu: { nanocores: 7 } };
    assert.deepEqual(measure(sample(1, said), undefined, 15_000).pods[0], {
      namespace: 'default',
      name: 'web',
      labels: {},
      at: 1,
      windowMs: 15_000,
      containers: [{ name: 'a', nanocores: 7, memoryBytes: 1 }],
    });
  });
});

test('where nothing is measured in between, a sample is taken when somebody asks and the last one is old', () => {
  let now = 0;
  const taken: number[] = [];
  const source = (): Sample => {
    taken.push(now);
    return sample(now);
  };
  const sampler = new Sampler({ source, resolutionMs: 10, onDemand: true, now: () => now });
  for (now of [5, 10, 15, 30]) sampler.measurements();
  assert.deepEqual(taken, [0, 10, 30]);
  sampler.close();
});

describe('what a pod without processes uses', () => {
  const name = (resource: string) => `kwok.x-k8s.io/usage-${resource}`;
  const cases: readonly (readonly [string, Record<string, string> | undefined, string, string])[] = [
    ['is little, if nothing is said', undefined, '1m', '1Mi'],
    ['is what its annotations say', { [name('cpu')]: '1.5', [name('memory')]: '2Gi' }, '1500m', '2Gi'],
    ['is little, if they say what is no quantity', { [name('cpu')]: 'much', [name('memory')]: '' }, '1m', '1Mi'],
  ];
  for (const [what, annotations, cpu, memory] of cases)
    test(what, () => assert.deepEqual(usageOf(fakeUse(annotations)), { cpu, memory }));
});
