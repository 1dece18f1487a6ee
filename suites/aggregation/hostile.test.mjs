// Servers of APIs that answer otherwise than HTTP has it: the client hears of it at once, and nothing is kept for them.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { createServer } from 'node:tls';
import { loadOrCreatePki } from 'nekube/pki';
import { call } from '../call.mjs';
import { eventually } from '../node/cluster.mjs';
import { startNekube } from '../servers.mjs';

const GROUP = 'hostile.example.dev';
const THINGS = `/apis/${GROUP}/v1/things`;
const OK = 'HTTP/1.1 200 OK\r\n';
const UNREACHABLE = 'error trying to reach service: ';

/** What is answered, byte by byte (`END`: and then the connection ends), and what clients of HTTP/1.1 and HTTP/2 hear. */
const END = Symbol('end');
const CASES = {
  'another protocol, which nobody asked for': [
    ['HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello'],
    `503 ${UNREACHABLE}backend tried to switch protocol "x" when "" was requested\n`,
  ],
  'something before the answer': [
    ['HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n', `${OK}content-length: 2\r\n\r\nok`],
    '200 ok',
  ],
  'headers without end': [
    [`${OK}x: ${'a'.repeat(300_000)}\r\n\r\n`],
    `503 ${UNREACHABLE}Parse Error: Header overflow\n`,
  ],
  'less than it says': [[`${OK}content-length: 10\r\n\r\nabc`, END], '200 broken'],
  'more than it says': [[`${OK}content-length: 2\r\n\r\nok, and more`], '200 ok'],
  'two lengths': [
    [`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nok!`],
    `503 ${UNREACHABLE}Parse Error: Duplicate Content-Length\n`,
  ],
  'chunks that are none': [[`${OK}transfer-encoding: chunked\r\n\r\n2\r\nok\r\nZZ\r\n`], '200 broken'],
  'the end amid an answer': [[`${OK}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`, END], '200 broken'],
  'the end before an answer': [[END], `503 ${UNREACHABLE}EOF\n`],
  'headers twice that are there once': [
    [
      `${OK}content-type: a/b\r\ncontent-type: c/d\r\ndate: a\r\ndate: b\r\netag: a\r\netag: b\r\ncontent-length: 2\r\n\r\nok`,
    ],
    '200 ok',
  ],
  'headers of another protocol': [[`${OK}http2-settings: x\r\ncontent-length: 2\r\n\r\nok`], '200 ok'],
};

describe('a hostile server of an API', () => {
  let server;
  let hostile;
  before(async () => {
    server = await startNekube();
    hostile = await startHostile();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'it' } };
    const place = { ...service, spec: { type: 'ExternalName', externalName: 'localhost' } };
    await call(server, 'POST', '/api/v1/namespaces/default/services', place);
    const services = '/apis/apiregistration.k8s.io/v1/apiservices';
    const spec = { group: GROUP, version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 };
    await call(server, 'POST', services, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1.${GROUP}` },
      spec: {
        ...spec,
        service: { namespace: 'default', name: 'it', port: hostile.port },
        caBundle: Buffer.from(hostile.ca).toString('base64'),
      },
    });
    await eventually(async () => {
      const { body } = await call(server, 'GET', `${services}/v1.${GROUP}`);
      return body.status?.conditions?.[0]?.status === 'True';
    }, 'an available API');
  });
  after(async () => {
    await hostile?.close();
    await server?.stop();
  });

  for (const [name, [answer, expected]] of Object.entries(CASES))
    test(name, async () => {
      hostile.answer = answer;
      assert.equal(await overHttp1(server), expected);
      assert.equal(await overHttp2(server), expected);
    });

  test('nothing is kept for them', async () => {
    // other than what is looked at from time to time, over connections that are kept
    await eventually(() => hostile.connections() <= 2, 'no connections but for those of reads');
  });
});

/** Answers discovery as it should, and all else with `answer`. */
async function startHostile() {
  const pki = loadOrCreatePki(undefined, { hosts: ['it.default.svc'], ips: [], now: () => new Date() });
  const open = new Set();
  const server = createServer({ cert: pki.servingCert, key: pki.servingKey }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    socket.on('data', (bytes) => {
      const path = /^GET (\S+)/.exec(String(bytes))?.[1];
      const body = JSON.stringify({ kind: 'APIResourceList', groupVersion: `${GROUP}/v1`, resources: [] });
      if (path === `/apis/${GROUP}/v1`) return socket.write(`${OK}content-length: ${body.length}\r\n\r\n${body}`);
      if (path !== THINGS) return socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      for (const part of hostile.answer) {
        if (part === END) socket.end();
        else socket.write(part);
      }
    });
  });
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  const close = () => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  const hostile = { port, ca: pki.caCert, answer: [], connections: () => open.size, close };
  return hostile;
}

function overHttp1({ url, token }) {
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: THINGS, headers, rejectUnauthorized: false, agent: false };
    const sent = request(options, (response) => {
      response.toArray().then(
        (chunks) => resolve(`${response.statusCode} ${Buffer.concat(chunks)}`),
        () => resolve(`${response.statusCode} broken`),
      );
    });
    sent.on('error', reject).end();
  });
}

function overHttp2({ url, token }) {
  const session = connectHttp2(url, { rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':path': THINGS, authorization: `Bearer ${token}` });
    let code = 'nothing';
    let body = '';
    stream.on('response', (headers) => void (code = headers[':status']));
    stream.on('data', (chunk) => void (body += chunk));
    stream.on('error', () => void (body = 'broken'));
    stream.on('close', () => resolve(`${code} ${body}`));
  }).finally(() => session.destroy());
}
