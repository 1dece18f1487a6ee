import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { type RunningServer, startServer } from '../server.ts';
import type { InProcessConnection } from './connection.ts';
import type { InProcessRequest, InProcessResponse } from './messages.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: ['127.0.0.1'], now: () => new Date() });
const admin = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let server: RunningServer;
let connection: InProcessConnection;
before(async () => {
  server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, storage: openMemory(), pki });
  connection = server.connect({ certificate: admin.cert });
});
after(() => server.close());

/** The same request by TLS. */
function overTls({ method, path, headers, body }: InProcessRequest): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: headers as Record<string, string>, ca: pki.caCert, agent: false };
    const asked = httpsRequest(new URL(path, server.url), { ...options, ...admin }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    asked.on('error', reject).end(body);
  });
}

/** As it is for another object: names, and what differs from one to the next. */
function plain(body: string): string {
  return body
    .replace(/"(uid|resourceVersion|creationTimestamp|time)":"[^"]*"/g, '"$1":""')
    .replace(/ours|theirs/g, 'x');
}

const requests: readonly { readonly name: string; readonly request: (who: string) => InProcessRequest }[] = [
  {
    name: 'a create',
    request: (who) => ({
      method: 'POST',
      path: CONFIG_MAPS,
      headers: { 'content-type': 'application/json', 'user-agent': 'test/1' },
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: who },
        data: { key: '☃ é' },
        more: 1,
      }),
    }),
  },
  { name: 'a get', request: (who) => ({ method: 'GET', path: `${CONFIG_MAPS}/${who}`, headers: {} }) },
  { name: 'discovery', request: () => ({ method: 'GET', path: '/apis/apps/v1', headers: {} }) },
  { name: 'a failure', request: () => ({ method: 'GET', path: `${CONFIG_MAPS}/none`, headers: {} }) },
  { name: 'a body that is wrong', request: () => ({ method: 'POST', path: CONFIG_MAPS, headers: {}, body: '{' }) },
  {
    name: 'a table',
    request: () => ({
      method: 'GET',
      path: '/api/v1/namespaces/kube-public?',
      headers: { accept: 'application/yaml' },
    }),
  },
];

for (const { name, request } of requests)
  test(`${name} has the same answer in the process and by TLS, to the byte`, async () => {
    const ours = await connection.send(request('ours'));
    const theirs = await overTls(request('theirs'));
    const body = await text(ours.body);
    assert.deepEqual({ status: ours.status, body: plain(body) }, { status: theirs.status, body: plain(theirs.body) });
    assert.equal(ours.headers['content-length'], String(Buffer.byteLength(body)));
  });

describe('a watch in the process', () => {
  const watch = (signal?: AbortSignal): Promise<InProcessResponse> =>
    connection.send({
      method: 'GET',
      path: `${CONFIG_MAPS}?watch=1`,
      headers: {},
      ...(signal && { signal }),
    });

  test('brings events as they come, and ends when nobody reads on', async () => {
    const { body } = await watch();
    let read = '';
    for await (const chunk of body) {
      read += Buffer.from(chunk).toString();
      if (!read.includes('"later"')) await create('later');
      else break;
    }
    assert.match(read, /"type":"ADDED"/);
  });

  test('rejects with the reason for which it was given up', async () => {
    const giveUp = new AbortController();
    const { body } = await watch(giveUp.signal);
    setImmediate(() => giveUp.abort(new Error('enough')));
    await assert.rejects(text(body), /enough/);
  });

  async function create(name: string): Promise<void> {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const { body: answer } = await connection.send({ method: 'POST', path: CONFIG_MAPS, headers: {}, body });
    await text(answer);
  }
});

describe('who asks in the process', () => {
  const review = async (certificate: string | undefined): Promise<{ status: number; text: string }> => {
    const { status, body } = await server.connect(certificate === undefined ? {} : { certificate }).send({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      headers: {},
      body: '{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}',
    });
    return { status, text: await text(body) };
  };

  test('is whom the certificate names', async () => {
    const { text: answer } = await review(pki.issueClient({ user: 'jane', groups: ['devs'] }).cert);
    assert.match(answer, /"username":"jane","groups":\["devs","system:authenticated"\]/);
    assert.match(answer, /X509SHA256=/);
  });

  test('is refused with a certificate of another CA', async () => {
    const other = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
    assert.equal((await review(other.issueClient({ user: 'jane', groups: [] }).cert)).status, 401);
  });

  test('is nobody without one', async () => assert.equal((await review(undefined)).status, 403));
});

test('a server without a socket serves in its process, and refuses when it is closed', async () => {
  const alone = await startServer({ storage: openMemory(), pki });
  const there = alone.connect({ certificate: admin.cert });
  const { status, body } = await there.send({ method: 'GET', path: '/api', headers: {} });
  assert.deepEqual([status, /kubernetes\.default\.svc:443/.test(await text(body))], [200, true]);
  const { body: watched } = await there.send({ method: 'GET', path: `${CONFIG_MAPS}?watch=1`, headers: {} });
  await alone.close();
  assert.equal(await text(watched), '');
  await assert.rejects(there.send({ method: 'GET', path: '/api', headers: {} }), { code: 'ECONNREFUSED' });
});
