// Probes of containers that are processes, and what becomes of the pod by them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { conditionOf, createPod, eventsOf, eventually, startCluster, untilPod } from './cluster.mjs';

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
const sleeps = (script) => ({ args: ['-c', script] });
let files = 0;
/** The path of a file that is not there yet. */
const newFile = () => join(cluster.dir, `file-${files++}`);

/** A container of Node that listens on 8080 and answers what the code says. */
const serves = (code) => ({ image: 'node', args: ['-e', code], ports: [{ name: 'web', containerPort: 8080 }] });
const PORT = 'process.env.NEKUBE_PORT_8080 ?? 8080';
const HTTP = `require('node:http').createServer((q, s) => s.writeHead(q.url === '/ok' ? 200 : 500).end()).listen(${PORT})`;
const HEALTH = `require('node:http2').createServer().on('stream', (stream, headers) => {
  stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: true});
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0'}));
  let asked = '';
  stream.on('data', (chunk) => asked += chunk);
  stream.on('end', () => stream.end(Buffer.from([0, 0, 0, 0, 2, 8, asked.includes('shop') ? 1 : 2])));
}).listen(${PORT})`;

describe('a readiness probe makes a pod ready', () => {
  const cases = [
    { name: 'by HTTP', container: { ...serves(HTTP), readinessProbe: { httpGet: { path: '/ok', port: 'web' } } } },
    { name: 'by TCP', container: { ...serves(HTTP), readinessProbe: { tcpSocket: { port: 8080 } } } },
    { name: 'by gRPC', container: { ...serves(HEALTH), readinessProbe: { grpc: { port: 8080, service: 'shop' } } } },
    {
      name: 'by a command',
      container: { ...sleeps('exec sleep 1000'), readinessProbe: { exec: { command: ['true'] } } },
    },
  ];
  for (const { name, container } of cases)
    test(name, async () => {
      const pod = await createPod(client, container);
      await untilPod(client, pod, isReady);
    });
});

describe('a readiness probe that fails is told of', () => {
  const cases = [
    {
      name: 'by HTTP',
      container: { ...serves(HTTP), readinessProbe: { httpGet: { path: '/no', port: 8080 }, periodSeconds: 1 } },
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 500',
    },
    {
      name: 'by gRPC',
      container: { ...serves(HEALTH), readinessProbe: { grpc: { port: 8080 }, periodSeconds: 1 } },
      message: 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    },
    {
      name: 'by a command',
      container: {
        ...sleeps('exec sleep 1000'),
        readinessProbe: { exec: { command: ['sh', '-c', 'echo not yet; exit 1'] }, periodSeconds: 1 },
      },
      message: 'Readiness probe failed: not yet\n',
    },
  ];
  for (const { name, container, message } of cases)
    test(name, async () => {
      const pod = await createPod(client, container);
      // before it listens there is another reason
      let events;
      await eventually(
        async () => {
          events = await eventsOf(client, pod);
          return events.includes(`Unhealthy ${message}`);
        },
        () => `${message} is told, and not ${events.join('\n')}`,
      );
      const { status } = await untilPod(client, pod, ({ status: { phase } }) => phase === 'Running');
      assert.equal(conditionOf({ status }, 'Ready').message, 'containers with unready status: [c0]');
    });
});

test('a pod is ready no more when its probe fails, and again when it passes', async () => {
  const file = newFile();
  writeFileSync(file, '');
  const readinessProbe = { exec: { command: ['test', '-e', file] }, periodSeconds: 1, failureThreshold: 1 };
  const pod = await createPod(client, { ...sleeps(`sleep 1000`), readinessProbe });
  await untilPod(client, pod, isReady);
  const { rmSync } = await import('node:fs');
  rmSync(file);
  await untilPod(client, pod, (now) => !isReady(now));
  writeFileSync(file, '');
  await untilPod(client, pod, isReady);
});

test('a liveness probe that fails often enough has the container started again', async () => {
  const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 };
  const pod = await createPod(client, { ...sleeps('exec sleep 1000'), livenessProbe });
  const { status } = await untilPod(client, pod, (now) => now.status.containerStatuses?.[0].restartCount === 1);
  const { lastState } = status.containerStatuses[0];
  assert.equal(lastState.terminated.exitCode, 143);
  const events = await eventually(async () => {
    const all = await eventsOf(client, pod);
    return all.some((one) => one.startsWith('Killing')) && all;
  }, 'the event Killing');
  assert.ok(events.includes('Killing Container c0 failed liveness probe, will be restarted'), events.join('\n'));
});

test('until its startup probe passes a container has not started, and nothing else is asked of it', async () => {
  const file = newFile();
  const startupProbe = { exec: { command: ['test', '-e', file] }, periodSeconds: 1, failureThreshold: 1000 };
  // it has the time to be run on a machine that is busy: one failure would start the container again
  const command = ['test', '-e', file];
  const livenessProbe = { exec: { command }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 60 };
  const pod = await createPod(client, { ...sleeps('exec sleep 1000'), startupProbe, livenessProbe });
  const { status } = await untilPod(client, pod, (now) => now.status.containerStatuses?.[0].state.running);
  assert.equal(status.containerStatuses[0].started, false);
  writeFileSync(file, '');
  const ready = await untilPod(client, pod, isReady);
  assert.equal(ready.status.containerStatuses[0].started, true);
  assert.equal(ready.status.containerStatuses[0].restartCount, 0);
});
