// Who may read resource metrics where they are served, and what becomes of their APIService.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadOrCreatePki } from 'nekube/pki';
import { call } from '../call.mjs';
import { startNekube } from '../servers.mjs';

const SERVICE = '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io';
const NODES = '/apis/metrics.k8s.io/v1beta1/nodes';
/** Who may read the pods of one namespace asks for those of another by this. */
const PODS_ELSEWHERE = '/apis/metrics.k8s.io/v1beta1/namespaces/one/pods/../../two/pods';
const FAKE = ['--nodes', '1', '--images', 'fake'];

/** What is answered: the code, or that of an error of TLS. The path is asked for as it stands. */
function askDirectly(port, { path = NODES, ...more } = {}) {
  const options = { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false, ...more };
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', ({ code }) => resolve(code));
    sent.end();
  });
}

/** The code of an answer, once it is the one that is waited for. */
async function answered(server, path, code) {
  for (;;) {
    const answer = await call(server, 'GET', path);
    if (answer.code === code) return answer;
  }
}

test('resource metrics are read by way of the API server alone, and go with the nodes', {
  timeout: 180_000,
}, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-metrics-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const first = await startNekube({ storage: 'lmdb', dir, args: FAKE });
  const { body: nodes } = await answered(first, NODES, 200);
  assert.deepEqual(
    nodes.items.map(({ kind, metadata }) => [kind, metadata.name, metadata.labels['kubernetes.io/hostname']]),
    [['NodeMetrics', 'node-1', 'node-1']],
  );
  const { body: service } = await call(first, 'GET', SERVICE);
  assert.match(String(await askDirectly(service.spec.service.port)), /^(ECONNRESET|EPIPE|ERR_SSL_\w+)$/);
  const headers = { authorization: `Bearer ${first.token}` };
  for (const path of [
    `${NODES}/../pods`,
    `${NODES}/%2e%2e/pods`,
    `${NODES}/node-1/%2E.%2Fnode-1`,
    `${NODES}/.`,
    PODS_ELSEWHERE,
  ])
    assert.equal(await askDirectly(new URL(first.url).port, { path, headers }), 404, path);
  const reader = await call({ ...first, token: 'none' }, 'GET', NODES);
  assert.equal(reader.code, 401);
  await first.stop('SIGKILL');
  const second = await startNekube({ storage: 'lmdb', dir });
  assert.equal((await call(second, 'GET', SERVICE)).code, 404);
  assert.equal((await call(second, 'GET', NODES)).code, 404);
  await second.stop();
  const third = await startNekube({ storage: 'lmdb', dir, args: FAKE });
  await answered(third, NODES, 200);
  await third.stop();
});

test('resource metrics are not there where the server shows nobody that it is a front proxy', {
  timeout: 180_000,
}, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-metrics-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const ca = join(dir, 'ca.crt');
  writeFileSync(ca, loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() }).caCert);
  const server = await startNekube({ args: [...FAKE, '--requestheader-client-ca-file', ca] });
  t.after(() => server.stop());
  assert.equal((await call(server, 'GET', SERVICE)).code, 404);
});
