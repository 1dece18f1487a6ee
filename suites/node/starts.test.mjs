// What becomes of containers that cannot be started, and of commands beside them that cannot be run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPod, eventually, eventsOf, logOf, POD, startCluster, untilPod } from './cluster.mjs';

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

const stateOf = ({ status }) => status.containerStatuses?.[0]?.state ?? {};

test('a program that is not there counts as a run that failed, and is tried again later each time', async () => {
  const pod = await createPod(client, { command: ['/no/such/program'] });
  const waiting = await untilPod(client, pod, (now) => stateOf(now).waiting?.reason === 'CrashLoopBackOff');
  const [{ lastState, restartCount }] = waiting.status.containerStatuses;
  assert.deepEqual(
    { ...lastState.terminated, finishedAt: '', containerID: '' },
    {
      exitCode: 128,
      reason: 'StartError',
      message: 'exec: "/no/such/program": stat /no/such/program: no such file or directory',
      startedAt: '1970-01-01T00:00:00Z',
      finishedAt: '',
      containerID: '',
    },
  );
  assert.equal(restartCount, 1);
  const events = await eventually(async () => {
    const all = await eventsOf(client, pod);
    return all.some((one) => one.startsWith('BackOff')) && all;
  }, 'the back-off is told');
  assert.ok(events.includes(`Failed Error: ${lastState.terminated.message}`), events.join('\n'));
});

test('a pod that is not to be restarted has failed when its program is not there', async () => {
  const pod = await createPod(client, { command: ['nosuch'] }, { spec: { restartPolicy: 'Never' } });
  const { status } = await untilPod(client, pod, (now) => now.status.phase === 'Failed');
  assert.equal(status.containerStatuses[0].state.terminated.reason, 'StartError');
});

test('commands of probes and hooks with NUL are told of, and do not tell what they are', async () => {
  const exec = { command: ['sh', '-c', 'secret\0'] };
  const container = {
    args: ['-c', 'exec sleep 1000'],
    readinessProbe: { exec, periodSeconds: 1 },
    lifecycle: { preStop: { exec } },
  };
  const pod = await createPod(client, container);
  const told = (start) =>
    eventually(async () => (await eventsOf(client, pod)).find((one) => one.startsWith(start)), start);
  assert.equal(await told('Unhealthy'), 'Unhealthy Readiness probe failed: exec: a word of the command contains NUL');
  await client.delete(POD, pod.metadata);
  await told('FailedPreStopHook');
  await untilPod(client, pod, (now) => now === undefined, 'gone');
  assert.doesNotMatch((await eventsOf(client, pod)).join('\n'), /secret/);
});

test('a command after the start with NUL ends its container, and is told of', async () => {
  const lifecycle = { postStart: { exec: { command: ['secret\0'] } } };
  const pod = await createPod(client, { args: ['-c', 'exec sleep 1000'], lifecycle });
  const { status } = await untilPod(client, pod, (now) => stateOf(now).waiting?.reason === 'PostStartHookError');
  assert.equal(status.containerStatuses[0].state.waiting.message, 'exec: a word of the command contains NUL');
});

test('a pod with the longest of names runs, and has a log', async () => {
  const name = 'long'.repeat(64).slice(0, 253);
  const container = { args: ['-c', 'echo hello'] };
  const pod = await createPod(client, container, { metadata: { name }, spec: { restartPolicy: 'Never' } });
  await untilPod(client, pod, (now) => now.status.phase === 'Succeeded');
  assert.deepEqual(logOf(cluster, { metadata: { ...pod.metadata, name: name.slice(0, 210) } }), ['hello']);
});
