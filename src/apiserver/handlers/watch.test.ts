import assert from 'node:assert/strict';
import { once, setMaxListeners } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import type { InProcessConnection } from '../in-process/connection.ts';
import { type RunningServer, startServer } from '../server.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: ['127.0.0.1'], now: () => new Date() });
const admin = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const OBJECTS = 16;

let server: RunningServer;
let connection: InProcessConnection;
before(async () => {
  server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, storage: openMemory(), pki });
  connection = server.connect({ certificate: admin.cert });
  for (let i = 0; i < OBJECTS; i++) await create(`big-${i}`, 'x'.repeat(1_000_000));
});
after(() => server.close());

async function create(name: string, data: string): Promise<void> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data } });
  const { status, body: answer } = await connection.send({ method: 'POST', path: CONFIG_MAPS, headers: {}, body });
  assert.equal(status, 201, await text(answer));
}

/** Begins a watch over HTTP/2 that nobody reads. */
function unread(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=1` });
  return new Promise((resolve, reject) =>
    stream
      .pause()
      .once('response', () => resolve())
      .once('error', reject),
  );
}

function get(session: ClientHttp2Session, path: string): Promise<string> {
  const stream = session.request({ ':path': path });
  return text(stream);
}

test('what there is at first is made as fast as it is read', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const giveUp = new AbortController();
  setMaxListeners(0, giveUp.signal);
  const ask = { method: 'GET', path: `${CONFIG_MAPS}?watch=1`, headers: {}, signal: giveUp.signal };
  const watches = await Promise.all(Array.from({ length: 20 }, () => connection.send(ask)));
  await sleep(500);
  const grown = (process.memoryUsage().arrayBuffers - before) / 1e6;
  assert.ok(grown < 100, `${grown} MB for watches that nobody reads`);
  let events = 0;
  for await (const piece of watches[0]!.body) {
    events += Buffer.from(piece).toString().split('"type":"ADDED"').length - 1;
    if (events === OBJECTS) break;
  }
  giveUp.abort();
});

test('watches that nobody reads hold up nothing else on their connection', async () => {
  const session = connect(server.url, { ca: pki.caCert, ...admin, settings: { initialWindowSize: 4 << 20 } });
  try {
    await once(session, 'remoteSettings');
    session.setLocalWindowSize(1 << 30);
    for (let i = 0; i < 20; i++) await unread(session);
    await sleep(500);
    assert.match(await get(session, '/version'), /gitVersion/);
  } finally {
    session.destroy();
  }
});

test('who reads nothing of a watch is cut off, also from what was not read yet', async () => {
  const { body } = await connection.send({
    method: 'GET',
    path: `${CONFIG_MAPS}?watch=1&resourceVersion=1`,
    headers: {},
  });
  for (let i = 0; i < 40; i++) await create(`more-${i}`, 'x'.repeat(1_000_000));
  await assert.rejects(text(body), /hang up/);
});

test('a watch whose client reads nothing at first ends at its time', async () => {
  const { body } = await connection.send({
    method: 'GET',
    path: `${CONFIG_MAPS}?watch=1&timeoutSeconds=1`,
    headers: {},
  });
  await sleep(1200);
  const read = await text(body);
  assert.ok(read.split('"type":"ADDED"').length - 1 < OBJECTS);
});
