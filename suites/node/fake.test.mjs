// Nodes whose pods are no processes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { conditionOf, createPod, POD, startCluster, untilPod } from './cluster.mjs';

let cluster;
let client;
before(async () => {
  cluster = await startCluster({ names: ['one', 'two', 'three'], images: 'fake' });
  client = cluster.client;
});
after(async () => {
  await cluster.stop();
  assert.deepEqual(cluster.errors, []);
});

const isReady = (pod) => conditionOf(pod, 'Ready')?.status === 'True';

test('every pod is running and ready, on the node that it is bound to', async () => {
  const pods = await Promise.all(
    ['one', 'two', 'three'].map((nodeName) => createPod(client, { image: 'any' }, { spec: { nodeName } })),
  );
  for (const [i, pod] of pods.entries()) {
    const { status } = await untilPod(client, pod, isReady);
    assert.equal(status.phase, 'Running');
    assert.ok(status.podIP.startsWith(`10.244.${i}.`), status.podIP);
    await client.delete(POD, pod.metadata);
    await untilPod(client, pod, (now) => now === undefined, 'gone');
  }
});

test('pods run on when their node was away', async () => {
  const pod = await createPod(client, { image: 'any' });
  await untilPod(client, pod, isReady);
  await cluster.restart();
  const { status } = await untilPod(
    client,
    pod,
    (now) => isReady(now) && now.status.containerStatuses[0].restartCount > 0,
  );
  assert.equal(status.containerStatuses[0].lastState.terminated.reason, 'Unknown');
});
