import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asking, nodeOf, podOf } from '../testing/objects.ts';
import { Cluster } from './cluster.ts';
import { podInfoOf } from './pod-info.ts';

/** From 0 to below 1, the same for a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test('sums and counts are those of the pods that are there, whatever came and went', () => {
  const seed = Number(process.env.NEKUBE_SEED ?? 1);
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const names = ['one', 'two', 'three'];
  const cluster = new Cluster();
  const model = new Map<string, { node: string; cpu: number; app: string }>();
  const count = () => cluster.counts.get('web', cluster.all, ({ pod }) => pod.metadata.labels?.app === 'web');
  for (let step = 0; step < 2000; step++) {
    const uid = `${Math.floor(random() * 20)}`;
    const cpu = 1 + Math.floor(random() * 9);
    const app = pick(['web', 'db']);
    const node = pick(names);
    const pod = podOf('pod', { containers: asking({ cpu: `${cpu}m` }) }, { uid, labels: { app } });
    const action = random();
    if (action < 0.5) {
      cluster.setPod({ ...pod, spec: { ...pod.spec, nodeName: node } });
      model.set(uid, { node, cpu, app });
    } else if (action < 0.7) {
      cluster.removePod(uid);
      model.delete(uid);
    } else if (action < 0.8 && !model.has(uid)) {
      cluster.assume(podInfoOf(pod), node);
      if (random() < 0.5) cluster.forget(uid);
      else model.set(uid, { node, cpu, app });
    } else if (action < 0.9) cluster.setNode(nodeOf(node));
    else cluster.removeNode(node);
    for (const info of cluster.all) {
      const there = [...model.values()].filter((one) => one.node === info.name);
      const sum = there.reduce((total, one) => total + one.cpu, 0);
      const what = `seed ${seed}, step ${step}, node ${info.name}`;
      assert.equal(info.requested.get('cpu') ?? 0, sum, what);
      assert.equal(info.pods.size, there.length, what);
      assert.equal(count().byNode.get(info) ?? 0, there.filter((one) => one.app === 'web').length, what);
    }
  }
});
