// A deployment on two nodes, while processes are killed, pods deleted, nodes begun anew, and connections break: in the end all
// is as it should be, and every pod has its processes once. The order of events is by a seed, which a failure shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manager } from 'nekube/controller';
import { addControllers } from 'nekube/controllers';
import { addScheduler } from 'nekube/scheduler';
import { conditionOf, eventually, POD, startCluster } from './cluster.mjs';
import { faulty } from './faulty-transport.mjs';
import { carrying, linuxOnly } from './processes.mjs';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const ROUNDS = 25;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isReady = (pod) => conditionOf(pod, 'Ready')?.status === 'True';

test('a cluster comes to rest whatever happens to it', { ...linuxOnly, timeout: 600_000 }, async (t) => {
  const seed = Number(process.env.NEKUBE_SEED ?? 1);
  t.diagnostic(`NEKUBE_SEED=${seed}`);
  const random = seeded(seed);
  const mark = `CHAOS=${process.pid}-${seed}`;
  let breaks = true;
  const cluster = await startCluster({
    names: ['one', 'two'],
    transportOf: (transport) => faulty(transport, random, () => breaks),
  });
  const { client } = cluster;
  const stop = new AbortController();
  const manager = new Manager({ client });
  await addControllers(manager, { names: CONTROLLERS });
  addScheduler(manager);
  const managed = manager.start(stop.signal);
  try {
    await client.create(deployment(mark));
    for (let round = 0; round < ROUNDS; round++) await disturb(cluster, mark, random);
    breaks = false;
    await eventually(async () => {
      const { items } = await client.list(POD, { namespace: 'default' });
      return (
        items.length === 4 && items.every(isReady) && items.every((pod) => pod.metadata.deletionTimestamp === undefined)
      );
    }, `four pods are ready (NEKUBE_SEED=${seed})`);
    // each pod is a shell and what it waits for
    await eventually(() => carrying(mark).length === 8, `eight processes run (NEKUBE_SEED=${seed})`);
    await client.patch(DEPLOYMENT, { namespace: 'default', name: 'web' }, { merge: { spec: { replicas: 0 } } });
    await eventually(async () => {
      const { items } = await client.list(POD, { namespace: 'default' });
      return items.length === 0 && carrying(mark).length === 0;
    }, `nothing is left (NEKUBE_SEED=${seed})`);
  } finally {
    stop.abort();
    await managed;
    await cluster.stop();
    assert.deepEqual(carrying(mark), []);
  }
});

function deployment(mark) {
  const [name, value] = mark.split('=');
  const container = { name: 'c', image: 'sh', args: ['-c', 'sleep 1000 & wait'], env: [{ name, value }] };
  return {
    ...DEPLOYMENT,
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      },
    },
  };
}

/** One thing that happens. */
async function disturb(cluster, mark, random) {
  const { client } = cluster;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const what = random();
  if (what < 0.4) {
    const pid = pick(carrying(mark));
    if (pid !== undefined) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has just ended
      }
    }
  } else if (what < 0.8) {
    const { items } = await client.list(POD, { namespace: 'default' });
    const pod = pick(items);
    const options = random() < 0.5 ? { gracePeriodSeconds: 0 } : {};
    if (pod !== undefined) await client.delete(POD, pod.metadata, options).catch(() => {});
  } else if (what < 0.9) {
    await cluster.restart();
  } else {
    await new Promise((resolve) => setTimeout(resolve, 200 * random()));
  }
}
