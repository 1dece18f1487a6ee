import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpRoute } from '../../model/index.ts';
import { EmbeddedDataPlane } from '../embedded-data-plane.ts';
import { certificateSecret, TestCa } from '../testing/certificates.ts';
import { LISTENER, type ModelParts, modelOf, plainChain, routeOf, routeTo, SOURCE } from '../testing/models.ts';
import { bound, eventually, startBackend } from '../testing/world.ts';

/** Answers with a text. */
const says = (body: string): HttpRoute => routeOf({}, { type: 'direct', statusCode: 200, body });

/** A data plane of two processes, and what it told. */
async function startTwo(t: TestContext, parts: ModelParts) {
  const told: string[] = [];
  const plane = new EmbeddedDataPlane({ concurrency: 2, tickMs: 20, onError: (error) => told.push(String(error)) });
  t.after(() => plane.close());
  plane.update(modelOf(parts));
  await bound(plane);
  return { plane, told, port: plane.portOf(LISTENER)! };
}

/** The text of an answer. */
function textOf(port: number, agent: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

/** Clients of a process of their own, each a program that writes the text of an answer. */
const CLIENTS = {
  http1: (port: number) =>
    `require('node:http').get('http://127.0.0.1:${port}/', (r) => r.on('data', (d) => process.stdout.write(d)).on('end', () => process.exit()))`,
  https: (port: number) =>
    `require('node:https').get({ port: ${port}, rejectUnauthorized: false, servername: 'shop.example' },
       (r) => r.on('data', (d) => process.stdout.write(d)).on('end', () => process.exit()))`,
  http2: (port: number) =>
    `require('node:http2').connect('http://127.0.0.1:${port}').request().on('data', (d) => process.stdout.write(d)).on('end', () => process.exit())`,
};

/** What the worker answers: this process stands still meanwhile. Until it has the port nobody answers, and it is asked again. */
async function fromWorker(port: number, client: keyof typeof CLIENTS): Promise<string> {
  for (;;) {
    const { stdout } = spawnSync(process.execPath, ['-e', CLIENTS[client](port)], { timeout: 3000, encoding: 'utf8' });
    if (stdout !== '') return stdout;
    await sleep(20);
  }
}

test('a second process answers at the same port, over HTTP/1.1 and HTTP/2', async (t) => {
  const { port, plane, told } = await startTwo(t, { routes: [says('hello')] });
  assert.equal(plane.workerPids.length, 1);
  assert.equal(await fromWorker(port, 'http1'), 'hello');
  assert.equal(await fromWorker(port, 'http2'), 'hello');
  assert.deepEqual(told, []);
});

test('a second process has the certificates', async (t) => {
  const secret = certificateSecret('tls/default/shop', new TestCa().server('shop.example'));
  const chain = { ...plainChain([says('safe')]), source: SOURCE, tls: { certificates: [secret.name] } };
  const { port, told } = await startTwo(t, { chains: [chain], secrets: [secret] });
  assert.equal(await fromWorker(port, 'https'), 'safe');
  assert.deepEqual(told, []);
});

/** A server of HTTP and one of HTTPS in a process of their own, which answer while this one stands still; their ports. */
async function startElsewhere(t: TestContext, env: Record<'KEY' | 'CERT', string>): Promise<readonly number[]> {
  const program = `
    const answer = (request, response) => response.end('passed on');
    const servers = [require('node:http').createServer(answer),
      require('node:https').createServer({ key: process.env.KEY, cert: process.env.CERT }, answer)];
    let open = 0;
    for (const server of servers) server.listen(0, '127.0.0.1', () => {
      if (++open === 2) console.log(JSON.stringify(servers.map((one) => one.address().port)));
    });`;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['-e', program], { stdio: [...stdio], env: { ...process.env, ...env } });
  t.after(() => child.kill('SIGKILL'));
  return JSON.parse(String(await new Promise<Buffer>((resolve) => child.stdout!.once('data', resolve)))) as number[];
}

test('a second process passes on connections of TCP and of TLS', async (t) => {
  const { key, cert } = new TestCa().server('shop.example');
  const [http, https] = await startElsewhere(t, { KEY: key, CERT: cert });
  const stream = (name: string) => ({ name, source: SOURCE, backends: [{ weight: 1, backend: name, source: SOURCE }] });
  const tcp = { name: 'tcp', source: SOURCE, stream: stream('http') };
  const tls = { name: 'tls', source: SOURCE, stream: stream('https'), serverNames: ['shop.example'] };
  const backends = [
    { name: 'http', ports: [http!] },
    { name: 'https', ports: [https!] },
  ];
  const ofTcp = await startTwo(t, { chains: [tcp], backends });
  assert.equal(await fromWorker(ofTcp.port, 'http1'), 'passed on');
  const ofTls = await startTwo(t, { chains: [tls], backends });
  assert.equal(await fromWorker(ofTls.port, 'https'), 'passed on');
  assert.deepEqual([...ofTcp.told, ...ofTls.told], []);
});

test('what is under way in any of the processes is answered before they end, and nobody else is let in', async (t) => {
  const waiting: (() => void)[] = [];
  const backend = await startBackend(t, 'slow', (_request, response) => waiting.push(() => response.end('answered')));
  const { port, plane } = await startTwo(t, {
    routes: [routeTo('slow')],
    backends: [{ name: 'slow', ports: [backend] }],
  });
  await eventually(() => plane.workerPids.length === 1);
  const answers = Array.from({ length: 20 }, () => textOf(port, false));
  await eventually(() => waiting.length === answers.length);
  const closing = plane.close({ drainMs: 60_000 });
  await eventually(async () => !(await isOpen(port)));
  for (const answer of waiting) answer();
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['answered']));
  await closing;
  assert.deepEqual(plane.workerPids, []);
});

test('no request fails while models are replaced, and all are answered by the last when it is programmed', async (t) => {
  const { port, plane } = await startTwo(t, { routes: [says('0')] });
  await fromWorker(port, 'http1');
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  let done = 0;
  const client = async (): Promise<void> => {
    for (let i = 0; i < 50; i++, done++) assert.match(await textOf(port, i % 2 === 0 ? agent : false), /^\d+$/);
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  let last = 0;
  for (; done < 200 && last < 1000; last++) {
    plane.update(modelOf({ routes: [says(String(last)), says('never')] }));
    await new Promise(setImmediate);
  }
  await clients;
  plane.update(modelOf({ routes: [says('last')] }));
  await bound(plane);
  const texts = await Promise.all(Array.from({ length: 20 }, (_, i) => textOf(port, i % 2 === 0 ? agent : false)));
  assert.deepEqual([...new Set(texts)], ['last']);
});

test('a process that dies is told and started again, and the port is served meanwhile', async (t) => {
  const { port, plane, told } = await startTwo(t, { routes: [says('hello')] });
  await fromWorker(port, 'http1');
  const [pid] = plane.workerPids;
  process.kill(pid!, 'SIGKILL');
  while (plane.workerPids.includes(pid!)) await sleep(5);
  assert.equal(await textOf(port, false), 'hello');
  assert.match(told.join(), new RegExp(`process ${pid} of the data plane ended \\(SIGKILL\\); it is started again in`));
  assert.equal(await fromWorker(port, 'http1'), 'hello');
});

test('a listener that is replaced at its port is served by both', async (t) => {
  const { port, plane } = await startTwo(t, { routes: [says('one')] });
  await fromWorker(port, 'http1');
  const model = modelOf({ routes: [says('two')], port });
  const [gateway] = model.gateways;
  plane.update({ ...model, gateways: [{ ...gateway!, key: 'default/other' }] });
  await bound(plane);
  assert.deepEqual([...plane.state().gateways.values()], [{ programmed: true, refusals: [] }]);
  assert.equal(await fromWorker(port, 'http1'), 'two');
});

test('no process is left when the first is killed', async () => {
  const door = new URL('../embedded-data-plane.js', import.meta.url).href;
  const model = `{ gateways: [{ key: 'a/b', source: {}, addresses: ['127.0.0.1'], listeners: [{ name: 'l', port: 0, transport: 'TCP',
    sources: [], chains: [{ name: 'c', source: {}, http: { name: 'c', virtualHosts: [{ name: 'v', domains: ['*'], source: {}, routes: [
    { name: 'r', source: {}, match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
      action: { type: 'direct', statusCode: 200, body: 'hello' } }] }] } }] }] }],
    backends: new Map(), endpoints: new Map(), secrets: new Map() }`;
  const program = `const { EmbeddedDataPlane } = await import(${JSON.stringify(door)});
    const plane = new EmbeddedDataPlane({ concurrency: 2 });
    plane.onState(() => { const port = plane.portOf('l'); if (port) console.log(port); });
    plane.update(${model});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = parseInt(String(await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve))), 10);
  while ((await textOf(port, false)) !== 'hello');
  child.kill('SIGKILL');
  while (await isOpen(port)) await sleep(10);
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
