// The history that `nekube own watch` keeps of fields, and what `nekube own history` makes of it, on every server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newResourceExpired } from 'nekube/apimachinery';
import { HistoryStore, objectsNamed, timelineOf, watchFields } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { nekube, servers, startCluster } from './servers.mjs';

const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
const rules = { windowMs: 3_600_000, returns: 2 };

const scope = (namespace) => ({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  names: ['deployment', 'deploy'],
  namespaced: true,
  namespace,
});

const head = (namespace) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace } });
const labels = { app: 'web' };
const deployment = (namespace, replicas) => ({
  ...head(namespace),
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
});
const replicasOf = (namespace, replicas) => ({ ...head(namespace), spec: { replicas } });

/** Starts a watch in this process; `until` waits for a record or a war that fits, `stop` gives how many wars it found. */
async function watching(client, store, namespace) {
  const stop = new AbortController();
  const seen = [];
  let wake = () => {};
  const take = (one) => {
    seen.push(one);
    wake();
  };
  let synced;
  const ready = new Promise((resolve) => (synced = resolve));
  const running = watchFields(client, [scope(namespace)], {
    store,
    rules,
    signal: stop.signal,
    onRecord: (record) => take({ record }),
    onWar: (war) => take({ war }),
    onSynced: synced,
  });
  await Promise.race([ready, running]);
  return {
    seen,
    async until(fits) {
      while (!seen.some(fits)) await new Promise((resolve) => (wake = resolve));
    },
    async stop() {
      stop.abort();
      return await running;
    },
  };
}

/** The history of the replicas, a text for each line. */
function replicas(store, namespace) {
  const [object] = objectsNamed(store, 'deploy', { name: 'web', namespace });
  const options = { matches: (path) => formatPath(path) === '.spec.replicas', now: 0 };
  return [...timelineOf(store, object, options)].map((line) => {
    if (line.type !== 'field') return line.type;
    const { record, value, by } = line;
    const between = record.since === undefined ? '' : ' since a gap';
    return `${record.type} ${value?.value} by ${by.map(({ manager }) => manager).join(' or ')}${between}`;
  });
}

for (const server of servers)
  describe(`history of fields, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let client;
    const namespaces = ['war', 'scale', 'killed', 'expired'];

    before(async () => {
      cluster = await startCluster(server);
      client = cluster.client;
      for (const name of namespaces) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    });
    after(() => cluster?.stop());

    test('two managers that apply a field against each other are a war, told once', async () => {
      const store = await HistoryStore.open(join(cluster.dir, 'war'));
      await client.apply(deployment('war', 3), { fieldManager: 'git', force: true });
      const watch = await watching(client, store, 'war');
      for (let i = 0; i < 3; i++) {
        await client.apply(replicasOf('war', 10), { fieldManager: 'oncall', force: true });
        await client.apply(deployment('war', 3), { fieldManager: 'git', force: true });
      }
      await watch.until(({ war }) => war !== undefined);
      const last = await client.get(head('war'), { namespace: 'war', name: 'web' });
      await watch.until(({ record }) => record?.resourceVersion === last.metadata.resourceVersion);
      assert.equal(await watch.stop(), 1);
      const [{ war }] = watch.seen.filter((one) => one.war !== undefined);
      assert.equal(formatPath(war.path), '.spec.replicas');
      assert.deepEqual(war.sides, [
        { manager: 'git', value: { value: 3 } },
        { manager: 'oncall', value: { value: 10 } },
      ]);
      const turn = ['changed 10 by oncall', 'changed 3 by git'];
      assert.deepEqual(replicas(store, 'war'), ['found 3 by git', ...turn, ...turn, ...turn]);
      await store.close();
      const told = await nekube(['own', 'history', '--wars', '--store', 'war'], cluster);
      assert.match(
        told.stdout,
        /^drift war: Deployment\.apps war\/web \.spec\.replicas: git writes 3, oncall writes 10; back 5/,
      );
      assert.equal(told.code, 1);
    });

    test('what one autoscaler does by way of scale is no war', async () => {
      const store = await HistoryStore.open(join(cluster.dir, 'scale'));
      await client.apply(deployment('scale', 1), { fieldManager: 'git' });
      const watch = await watching(client, store, 'scale');
      const counts = [3, 5, 3, 5, 3, 5, 3];
      for (const count of counts) {
        const patch = { spec: { replicas: count } };
        const options = { subresource: 'scale', fieldManager: 'hpa' };
        await client.patch(head('scale'), { namespace: 'scale', name: 'web' }, { merge: patch }, options);
      }
      const last = await client.get(head('scale'), { namespace: 'scale', name: 'web' });
      await watch.until(({ record }) => record?.resourceVersion === last.metadata.resourceVersion);
      assert.equal(await watch.stop(), 0);
      assert.deepEqual(
        replicas(store, 'scale').slice(1),
        counts.map((count) => `changed ${count} by hpa`),
      );
      await store.close();
    });

    test('a watcher that was killed leaves a gap, and what changed meanwhile is of some time in it', async () => {
      const dir = join(cluster.dir, 'killed');
      await client.apply(deployment('killed', 1), { fieldManager: 'git' });
      const words = ['own', 'watch', 'deploy', '-n', 'killed', '--store', dir, '--changes'];
      const child = spawn(process.execPath, [program, ...words], {
        env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await firstMatch(child.stderr, /watching deployments in killed/);
      const busy = nekube(['own', 'watch', 'deploy', '-n', 'killed', '--store', dir], cluster);
      assert.match((await busy).stderr, new RegExp(`is in use by process ${child.pid}\n {2}fix: one process keeps`));
      await client.apply(deployment('killed', 2), { fieldManager: 'git' });
      await firstMatch(child.stdout, /\.spec\.replicas 2 by git/);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await client.apply(replicasOf('killed', 7), { fieldManager: 'oncall', force: true });
      await client.apply(replicasOf('killed', 8), { fieldManager: 'oncall', force: true });
      const store = await HistoryStore.open(dir);
      const watch = await watching(client, store, 'killed');
      await watch.stop();
      assert.deepEqual(replicas(store, 'killed'), [
        'found 1 by git',
        'changed 2 by git',
        'gap',
        'changed 8 by oncall since a gap',
      ]);
      await store.close();
      const shown = await nekube(['own', 'history', 'deploy/web', '-L', 'spec.replicas', '--store', dir], cluster);
      const lines = shown.stdout.split('\n');
      assert.match(lines[4], /^--- not watched \S+\.\.\S+ \(\w+\) ---$/);
      assert.match(lines[5], /^\S+Z\.\.\S+Z +\.spec\.replicas +8 +oncall +-$/);
      assert.equal(shown.code, 0);
    });

    const refused = {
      'a selector that is none': [['cm', '-l', 'a in ('], /unable to parse requirement/],
      'a field that selects nothing': [
        ['cm', '--field-selector', 'bad=1'],
        /is not a known field selector|field label not supported/,
      ],
      'a kind that cannot be listed': [['tokenreviews.v1.authentication.k8s.io'], /does not allow this method/],
    };
    for (const [name, [words, why]] of Object.entries(refused))
      test(`a watch ends with what the server refuses: ${name}`, async () => {
        const { code, stderr, stdout } = await nekube(['own', 'watch', ...words, '--store', 'refused'], cluster);
        assert.match(stderr, why);
        assert.match(stderr, /^error: Cannot watch: .*\n {2}fix: /);
        assert.equal(stdout, '');
        assert.equal(code, 2);
      });

    test('a watch whose history is gone leaves a gap', async () => {
      const store = await HistoryStore.open(join(cluster.dir, 'expired'));
      await client.apply(deployment('expired', 1), { fieldManager: 'git' });
      let end;
      const breaking = {
        list: (kind, options) => client.list(kind, options),
        // streams what there is until the test ends it; is too old then; goes on after that
        watch(kind, options) {
          if (end === undefined) {
            const stop = new AbortController();
            end = () => stop.abort();
            return client.watch(kind, { ...options, signal: AbortSignal.any([options.signal, stop.signal]) });
          }
          if (options.sendInitialEvents) return client.watch(kind, options);
          return { [Symbol.asyncIterator]: () => ({ next: tooOld }) };
        },
      };
      async function tooOld() {
        await client.apply(deployment('expired', 3), { fieldManager: 'git' });
        throw newResourceExpired('The resourceVersion for the provided watch is too old.');
      }
      const watch = await watching(breaking, store, 'expired');
      await client.apply(deployment('expired', 2), { fieldManager: 'git' });
      await watch.until(({ record }) => record?.type === 'changed');
      end();
      await watch.until(({ record }) => record?.changes.some(({ value }) => value?.value === 3));
      await watch.stop();
      const expected = ['found 1 by git', 'changed 2 by git', 'gap', 'changed 3 by git since a gap'];
      assert.deepEqual(replicas(store, 'expired'), expected);
      await store.close();
    });
  });

test('a server that says nothing was not watched in time', async (t) => {
  const { code, stderr } = await watchOf(t, '1s', () => {});
  assert.match(stderr, /^error: Cannot watch: the objects could not be read in time\n/);
  assert.equal(code, 2);
});

test('who may list and not watch is told so, and not that there was no war', async (t) => {
  const deployments = { name: 'deployments', singularName: 'deployment', namespaced: true, kind: 'Deployment' };
  const apps = { groupVersion: 'apps/v1', version: 'v1' };
  const resources = [{ ...deployments, shortNames: ['deploy'], verbs: ['list', 'watch'] }];
  const answers = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', groups: [{ name: 'apps', versions: [apps], preferredVersion: apps }] },
    '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [] },
    '/apis/apps/v1': { kind: 'APIResourceList', groupVersion: 'apps/v1', resources },
    '/apis/apps/v1/namespaces/default/deployments': {
      kind: 'DeploymentList',
      apiVersion: 'apps/v1',
      metadata: { resourceVersion: '5' },
      items: [],
    },
  };
  const message = 'deployments.apps is forbidden: User "ci" cannot watch resource "deployments" in API group "apps"';
  const refusal = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', message, code: 403 };
  const { code, stdout, stderr } = await watchOf(t, '10m', (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://it');
    const body = searchParams.has('watch') ? refusal : answers[pathname];
    response.writeHead(body?.code ?? (body === undefined ? 404 : 200), { 'content-type': 'application/json' });
    const text = JSON.stringify(body ?? { ...refusal, reason: 'NotFound', message: 'not found', code: 404 });
    // after what was listed is kept: then the watch has begun, as far as it knows
    const isLate = searchParams.has('watch') && !searchParams.has('sendInitialEvents');
    setTimeout(() => response.end(text), isLate ? 200 : 0);
  });
  assert.match(
    stderr,
    /error: Cannot watch: .*cannot watch resource "deployments".*\n {2}fix: all that is to be watched/,
  );
  assert.doesNotMatch(stderr, /trying again/);
  assert.deepEqual([code, stdout], [2, '']);
});

/** How a watch ends that may last so long, and whose server answers like this. */
async function watchOf(t, lasting, answer) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const dir = mkdtempSync(join(tmpdir(), 'nekube-own-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const kubeconfig = join(dir, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server: `http://127.0.0.1:${server.address().port}` } }],
    users: [{ name: 'it', user: {} }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  return await nekube(['own', 'watch', 'deploy', '--for', lasting], { dir, kubeconfig });
}

async function firstMatch(stream, pattern) {
  let text = '';
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    text += part;
    if (pattern.test(text)) return;
  }
  assert.fail(`ended without ${pattern}: ${text}`);
}
