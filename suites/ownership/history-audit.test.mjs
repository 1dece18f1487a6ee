// Who made the writes that a history has, from the audit log of each server.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { connect } from 'nekube/client';
import { HistoryStore, objectsNamed, timelineOf, watchFields } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { startNekube } from '../servers.mjs';
import { servers } from './servers.mjs';

const starts = {
  nekube: (flags) => startNekube({ args: flags }),
  'kube-apiserver': async (flags) => {
    const { startOracle } = await import('../../tools/oracle.mjs');
    return await startOracle({ flags: ['--authorization-mode=RBAC', ...flags] });
  },
};
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: RequestResponse, namespaces: [answers]}
- {level: Metadata}
`;
const scope = { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', names: ['cm'], namespaced: true };
const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const configMap = (namespace, value) => ({ ...ConfigMap, metadata: { name: 'a', namespace }, data: { value } });

for (const { name, skip } of servers)
  test(`users of writes, with the log's answers and without, on ${name}`, { skip }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-history-audit-'));
    const log = join(dir, 'audit.log');
    writeFileSync(join(dir, 'policy.yaml'), policy);
    const flags = [`--audit-policy-file=${join(dir, 'policy.yaml')}`, `--audit-log-path=${log}`];
    const server = await starts[name](flags);
    const client = await clientOf(server, dir);
    const stop = new AbortController();
    const store = await HistoryStore.open(join(dir, 'history'));
    try {
      for (const namespace of ['answers', 'none'])
        await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const problems = [];
      let synced;
      const ready = new Promise((resolve) => (synced = resolve));
      const watching = watchFields(client, [scope], {
        store,
        rules: { windowMs: 3_600_000, returns: 2 },
        signal: stop.signal,
        auditLog: log,
        onProblem: (text) => problems.push(text),
        onSynced: synced,
      });
      await ready;
      for (const [namespace, user] of [
        ['answers', 'alice'],
        ['none', 'bob'],
      ]) {
        const as = client.with({ impersonate: { user, groups: ['system:masters'] } });
        await as.create(configMap(namespace, '1'), { fieldManager: 'by-hand' });
        await as.apply(configMap(namespace, '2'), { fieldManager: 'git', force: true });
      }
      while (readFileSync(log, 'utf8').split('"bob"').length < 3 || changesIn(store) < 4) await sleep(50);
      stop.abort();
      await watching;
      assert.deepEqual(problems, []);
      for (const [namespace, user] of [
        ['answers', 'alice'],
        ['none', 'bob'],
      ])
        assert.deepEqual(valuesOf(store, namespace), [`1 by-hand ${user}`, `2 git ${user}`], namespace);
    } finally {
      stop.abort();
      await client.close();
      await server.stop();
      await store.close();
      rmSync(dir, { recursive: true });
    }
  });

/** How many records there are of what was made and changed; objects of the server itself were found. */
const changesIn = (store) =>
  [...store.records()].filter(({ type, object }) => type !== 'found' && object.name === 'a').length;

function valuesOf(store, namespace) {
  const [object] = objectsNamed(store, 'cm', { name: 'a', namespace });
  const options = { matches: (path) => formatPath(path) === '.data.value', now: 0 };
  return [...timelineOf(store, object, options)]
    .filter(({ type }) => type === 'field')
    .map(({ value, by, record }) => `${value.value} ${by[0]?.manager} ${record.audited?.impersonated}`);
}

async function clientOf({ url, ca, token }, dir) {
  const kubeconfig = join(dir, 'kubeconfig');
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  return await connect({ kubeconfig, env: {} });
}
