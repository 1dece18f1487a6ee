// The life of pods whose containers are processes of this machine.
import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { linuxOnly, running as processesOf, whyNoNamespaces } from './processes.mjs';
import { conditionOf, createPod, eventsOf, eventually, logOf, NODE, POD, startCluster, untilPod } from './cluster.mjs';

let cluster;
let client;
before(async () => {
  cluster = await startCluster();
  client = cluster.client;
});
after(async () => {
  await cluster.stop();
  assert.deepEqual(cluster.errors, []);
});

const isReady = (pod) => conditionOf(pod, 'Ready')?.status === 'True';
const run = (script) => ({ args: ['-c', script] });

test('a node registers itself as a kubelet does, and shows that it is alive', async () => {
  const node = await client.get(NODE, { name: 'one' });
  const ready = node.status.conditions.find(({ type }) => type === 'Ready');
  assert.equal(
    `${ready.status} ${ready.reason}: ${ready.message}`,
    'True KubeletReady: kubelet is posting ready status',
  );
  assert.equal(node.metadata.labels['kubernetes.io/hostname'], 'one');
  const lease = await client.get(
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
    { namespace: 'kube-node-lease', name: 'one' },
  );
  assert.equal(lease.spec.holderIdentity, 'one');
  assert.equal(lease.metadata.ownerReferences[0].uid, node.metadata.uid);
});

const sharing = [
  { name: 'a container has a namespace of processes where there are the rights', spec: {}, isOwn: !whyNoNamespaces() },
  { name: 'containers of a pod that shares its processes have none', spec: { shareProcessNamespace: true } },
  { name: 'containers of a pod that is to see all processes have none', spec: { hostPID: true } },
];
for (const { name, spec, isOwn = false } of sharing)
  test(name, linuxOnly, async () => {
    const more = { spec: { ...spec, restartPolicy: 'Never' } };
    const pod = await createPod(client, run('exec readlink /proc/self/ns/pid'), more);
    await untilPod(client, pod, (now) => now.status.phase === 'Succeeded');
    const [told] = logOf(cluster, pod);
    assert.equal(told !== readlinkSync('/proc/self/ns/pid'), isOwn);
  });

test('a pod runs, is told of, and ends with all its processes when it is deleted', async () => {
  const seconds = `1000.${process.pid}`;
  const pod = await createPod(client, run(`echo hello; setsid sleep ${seconds} & echo begun; exec sleep 1000`));
  const running = await untilPod(client, pod, isReady);
  assert.equal(running.status.phase, 'Running');
  assert.match(running.status.podIP, /^10\.244\.0\./);
  const log = join(cluster.dir, 'one', 'logs', `default_${pod.metadata.name}_${pod.metadata.uid}`, 'c0', '0.log');
  const lines = await eventually(() => {
    const all = readFileSync(log, 'utf8').trim().split('\n');
    return all.length === 2 && all;
  }, 'two lines of log');
  assert.match(lines[0], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F hello$/);
  const alive = () => processesOf('sleep', seconds).length === 1;
  await eventually(alive, 'the child runs');
  await client.delete(POD, pod.metadata);
  await untilPod(client, pod, (now) => now === undefined, 'gone');
  await eventually(() => !alive(), 'the child that left the group is gone');
  const events = await eventually(async () => {
    const all = await eventsOf(client, pod);
    return all.length === 4 && all;
  }, 'four events');
  assert.deepEqual(events.sort(), [
    'Created Container created',
    'Killing Stopping container c0',
    'Pulled Container image "sh" already present on machine and can be accessed by the pod',
    'Started Container started',
  ]);
});

test('a container that fails is not started again where the pod says never', async () => {
  const pod = await createPod(client, run('exit 3'), { spec: { restartPolicy: 'Never' } });
  const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Failed');
  const { exitCode, reason } = status.containerStatuses[0].state.terminated;
  assert.deepEqual({ exitCode, reason }, { exitCode: 3, reason: 'Error' });
  assert.equal(conditionOf({ status }, 'Ready').reason, 'PodFailed');
});

test('a container that ends is started again, and then waits', async () => {
  const pod = await createPod(client, run('exit 1'));
  const waiting = ({ status }) => status.containerStatuses?.[0].state.waiting?.reason === 'CrashLoopBackOff';
  const { status, metadata } = await untilPod(client, pod, waiting);
  const [container] = status.containerStatuses;
  assert.equal(
    container.state.waiting.message,
    `back-off 10s restarting failed container=c0 pod=${metadata.name}_default(${metadata.uid})`,
  );
  assert.equal(container.restartCount, 1);
  assert.equal(container.lastState.terminated.exitCode, 1);
  assert.equal(status.phase, 'Running');
});

test('an image that nobody knows is waited for, and the status says where it would be named', async () => {
  const pod = await createPod(client, { image: 'nobody/knows:1' });
  const { status } = await untilPod(client, pod, (now) => now.status.containerStatuses?.[0].state.waiting?.message);
  assert.equal(status.phase, 'Pending');
  assert.match(status.containerStatuses[0].state.waiting.reason, /^(ErrImagePull|ImagePullBackOff)$/);
  assert.match(status.containerStatuses[0].state.waiting.message, /"nobody\/knows:1": add an entry .*images\.yaml/);
});
