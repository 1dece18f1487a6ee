// The real kube-apiserver on our etcd: it comes up, answers as it did when the golden scenarios were recorded, and finds
// everything after our etcd was stopped and started again.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEtcdServer } from '../../dist/storage/index.js';
import { startOracle } from '../../tools/oracle.mjs';
import { call } from '../call.mjs';
import { recordedOf, scenariosOf } from '../golden/corpus.mjs';
import { Connection } from '../golden/http.mjs';
import { compare, run } from '../golden/replay.mjs';

const CORPUS = fileURLToPath(new URL('../golden/', import.meta.url));
/** Those that write, patch, list in pages and watch. */
const GROUPS = ['crud', 'listwatch', 'patch'];
const binary = join(process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles'), 'kube-apiserver');
const skip = existsSync(binary) ? false : 'there is no kube-apiserver: node tools/oracle.mjs --build';

describe('kube-apiserver on our etcd', { skip }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nekube-etcd-'));
  let etcd;
  let oracle;
  let connection;

  const startEtcd = (port) => startEtcdServer({ clientUrls: [{ host: '127.0.0.1', port }], dataDir, fsync: false });

  before(async () => {
    etcd = await startEtcd(0);
    oracle = await startOracle({ etcd: etcd.urls[0] });
    connection = new Connection(oracle);
  });

  after(async () => {
    connection?.close();
    await oracle?.stop();
    await etcd?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  for (const group of GROUPS) {
    const recorded = skip ? {} : recordedOf(CORPUS, 'http', group);
    for (const scenario of skip ? [] : scenariosOf(CORPUS, 'http', group))
      test(`${group}/${scenario.name}: ${scenario.why}`, async () => {
        const answers = await run(connection, scenario, {});
        const failed = compare(scenario, answers, recorded[scenario.name]).filter(
          ({ differences }) => differences.length > 0,
        );
        assert.deepEqual(failed, []);
      });
  }

  test('after a restart of etcd everything is there, and watches and writes go on', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const send = (method, url, body) =>
      fetchJson(oracle, method, url, body && { apiVersion: 'v1', kind: 'ConfigMap', ...body });
    assert.equal((await send('POST', path, { metadata: { name: 'before' }, data: { a: '1' } })).code, 201);
    const { port } = new URL(etcd.urls[0]);
    await etcd.close();
    etcd = await startEtcd(Number(port));
    assert.equal((await send('POST', path, { metadata: { name: 'after' } })).code, 201);
    const { body } = await send('GET', path);
    const names = body.items.map(({ metadata }) => metadata.name);
    assert.ok(names.includes('before') && names.includes('after'), names.join());
  });
});

/** Tries until the server has found etcd again. */
async function fetchJson({ url, token }, method, path, body) {
  for (const end = Date.now() + 60_000; ; ) {
    const answer = await call({ url, token, agent: false }, method, path, body);
    if (answer.code < 500 || Date.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
