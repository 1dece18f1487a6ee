// Init containers, sidecars, hooks, how pods end, and what they leave to be read.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { conditionOf, createPod, eventually, eventsOf, logOf, POD, startCluster, untilPod } from './cluster.mjs';

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
const sh = (script, more = {}) => ({ image: 'sh', args: ['-c', script], ...more });
let files = 0;
const newFile = () => join(cluster.dir, `file-${files++}`);
const linesOf = (file) => readFileSync(file, 'utf8').trim().split('\n');
/** A pod runs before its script has said what it does upon a signal; when it says this, it has. */
const hears = (pod) => eventually(() => logOf(cluster, pod).includes('hears'), 'the script hears signals');

test('init containers run one after the other, a sidecar stays, and then the containers begin', async () => {
  const file = newFile();
  const initContainers = [
    { name: 'first', ...sh(`echo first >> ${file}`) },
    {
      name: 'side',
      ...sh(`echo side >> ${file}; exec sleep 1000`),
      restartPolicy: 'Always',
      startupProbe: { exec: { command: ['grep', 'side', file] } },
    },
    { name: 'last', ...sh(`echo last >> ${file}`) },
  ];
  const spec = { initContainers, restartPolicy: 'Never' };
  const pod = await createPod(client, sh(`echo main >> ${file}`), { spec });
  const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Succeeded');
  assert.deepEqual(linesOf(file), ['first', 'side', 'last', 'main']);
  assert.deepEqual(
    status.initContainerStatuses.map(({ name, state }) => `${name} ${state.terminated.exitCode}`),
    ['first 0', 'side 143', 'last 0'],
  );
});

test('an init container that fails for good fails the pod, and no container begins', async () => {
  const initContainers = [{ name: 'init', ...sh('exit 7') }];
  const pod = await createPod(client, sh('true'), { spec: { initContainers, restartPolicy: 'Never' } });
  const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Failed');
  assert.deepEqual(status.containerStatuses[0].state, { waiting: { reason: 'PodInitializing' } });
  assert.equal(conditionOf({ status }, 'Initialized').message, 'containers with incomplete status: [init]');
});

test('hooks run after the start and before the end, and the container ends within its time', async () => {
  const file = newFile();
  const hook = (word) => ({ exec: { command: ['sh', '-c', `echo ${word} >> ${file}`] } });
  const lifecycle = { postStart: hook('started'), preStop: hook('stopping') };
  const script = `trap 'echo signal >> ${file}; exit 0' TERM; echo hears; while :; do sleep 0.05; done`;
  const pod = await createPod(client, sh(script, { lifecycle }), { spec: { terminationGracePeriodSeconds: 30 } });
  await untilPod(client, pod, isReady);
  await hears(pod);
  await client.delete(POD, pod.metadata);
  await untilPod(client, pod, (now) => now === undefined, 'gone');
  assert.deepEqual(linesOf(file), ['started', 'stopping', 'signal']);
});

test('a hook that fails after the start ends the container', async () => {
  const lifecycle = { postStart: { exec: { command: ['false'] } } };
  const pod = await createPod(client, sh('exec sleep 1000', { lifecycle }));
  await eventually(
    async () => (await eventsOf(client, pod)).includes('FailedPostStartHook PostStartHook failed'),
    'the event',
  );
  await untilPod(client, pod, ({ status }) => status.containerStatuses[0].lastState.terminated?.exitCode === 143);
});

test('who does not listen is killed when the time is over', async () => {
  const script = `trap '' TERM; echo hears; while :; do sleep 0.05; done`;
  const pod = await createPod(client, sh(script), { metadata: { finalizers: ['test/keeps'] } });
  await untilPod(client, pod, isReady);
  await hears(pod);
  await client.delete(POD, pod.metadata, { gracePeriodSeconds: 1 });
  const { status } = await untilPod(client, pod, (now) => now?.status.containerStatuses[0].state.terminated);
  assert.equal(status.containerStatuses[0].state.terminated.exitCode, 137);
  await client.patch(POD, pod.metadata, { merge: { metadata: { finalizers: null } } });
});

test('a pod that ran for longer than it may has failed', async () => {
  const pod = await createPod(client, sh('exec sleep 1000'), { spec: { activeDeadlineSeconds: 1 } });
  const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Failed');
  assert.equal(status.reason, 'DeadlineExceeded');
  assert.equal(status.message, 'Pod was active on the node longer than the specified deadline');
});

test('a container tells why it ended, by a file or by its log', async () => {
  const spec = { restartPolicy: 'Never' };
  const byFile = await createPod(client, sh('printf broken > /dev/termination-log; exit 1'), { spec });
  const byLog = await createPod(
    client,
    sh('echo one; echo two; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
    { spec },
  );
  for (const [pod, message] of [
    [byFile, 'broken'],
    [byLog, 'one\ntwo\n'],
  ]) {
    const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Failed');
    assert.equal(status.containerStatuses[0].state.terminated.message, message);
  }
});

test('a pod with a gate is ready when others say so', async () => {
  const spec = { readinessGates: [{ conditionType: 'example/open' }] };
  const pod = await createPod(client, sh('exec sleep 1000'), { spec });
  const { status } = await untilPod(client, pod, (now) => conditionOf(now, 'ContainersReady')?.status === 'True');
  assert.equal(
    conditionOf({ status }, 'Ready').message,
    'corresponding condition of pod readiness gate "example/open" does not exist.',
  );
  const conditions = [{ type: 'example/open', status: 'True' }];
  await client.patch(POD, pod.metadata, { strategic: { status: { conditions } } }, { subresource: 'status' });
  await untilPod(client, pod, isReady);
});

test('a ConfigMap that changes changes in the volume, all at once', async () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'moving' } };
  await client.create({ ...configMap, data: { a: '1' } });
  const volumes = [{ name: 'v', configMap: { name: 'moving' } }];
  const container = sh('until grep -q 2 /v/a; do sleep 0.1; done; cat /v/b', {
    volumeMounts: [{ name: 'v', mountPath: '/v' }],
  });
  const pod = await createPod(client, container, { spec: { volumes, restartPolicy: 'Never' } });
  await untilPod(client, pod, isReady);
  await client.update({ ...configMap, data: { a: '2', b: 'new' } });
  await untilPod(client, pod, ({ status: { phase } }) => phase === 'Succeeded');
  assert.deepEqual(logOf(cluster, pod), ['new']);
});

test('a container by rules of its own is started again, though the pod says never', async () => {
  const file = newFile();
  const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  const script = `if [ -e ${file} ]; then exit 0; fi; touch ${file}; exit 42`;
  const container = sh(script, { restartPolicy: 'Never', restartPolicyRules });
  const pod = await createPod(client, container, { spec: { restartPolicy: 'Never' } });
  const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Succeeded');
  assert.equal(status.containerStatuses[0].restartCount, 1);
});

test('an image that is named later is found without a new start', async () => {
  const path = join(cluster.dir, 'later.yaml');
  writeFileSync(path, 'images: [{name: x, fake: true}]');
  const { openImageFile } = await import('nekube/node');
  const images = openImageFile(path);
  assert.equal(images.find('later'), undefined);
  writeFileSync(path, 'images: [{name: x, fake: true}, {name: later, entrypoint: [sh]}]');
  assert.equal(images.find('later').name, 'later');
  assert.ok(existsSync(path));
});
