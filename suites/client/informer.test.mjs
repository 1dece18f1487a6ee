// Informers of 10,000 objects against real servers, ours and kube-apiserver: what becomes of them when watches are cut
// while objects change, and when the server is started anew on the same storage.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow, newClient, newInformer } from '../../dist/client/index.js';
import { startOracle } from '../../tools/oracle.mjs';
import { startNekube } from '../servers.mjs';
import { BreakableTransport } from './breakable-transport.mjs';

const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true };
const OBJECTS = 10_000;
const oracles = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
const noOracle = existsSync(join(oracles, 'kube-apiserver')) ? false : `there is no ${oracles}/kube-apiserver`;

const servers = [
  { name: 'nekube', start: (dir) => startNekube({ storage: 'lmdb', dir }), restarts: true },
  { name: 'kube-apiserver', start: () => startOracle(), skip: noOracle },
];

for (const { name, start, restarts = false, skip = false } of servers)
  describe(`informers of ${name}`, { skip }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-informer-'));
    const stop = new AbortController();
    const errors = [];
    const heard = { added: 0, updated: 0, deleted: 0, wrong: [] };
    let server;
    let transport;
    let client;
    let informer;
    let running;

    before(async () => {
      server = await start(dir);
      transport = new BreakableTransport(server);
      client = newClient(transport, { defaultNamespace: 'default' });
      await inParallel(OBJECTS, (i) => client.create(configMap(i, 'first')));
      informer = newInformer(client, ConfigMap, {
        namespace: 'default',
        indexes: { tenth: ({ data }) => [String(Number(data?.number) % 10)] },
        onError: (error) => errors.push(error.message),
      });
      listen(informer, heard);
    });

    after(async () => {
      stop.abort();
      await running;
      await transport?.close();
      await server?.stop();
      rmSync(dir, { recursive: true, force: true });
    });

    test('all is there when it is synced', async () => {
      running = informer.run(stop.signal);
      await informer.synced(AbortSignal.timeout(60_000));
      await same(client, informer, heard);
      assert.ok(heard.added >= OBJECTS);
      assert.equal(informer.store.byIndex('tenth', '3').length, OBJECTS / 10);
      assert.deepEqual(errors, []);
    });

    test('nothing is lost or heard twice while watches are cut in the midst of changes', async () => {
      const before = { ...heard };
      const readings = reads(transport);
      let cuts = 0;
      const cutting = setInterval(() => {
        cuts += transport.cut();
      }, 100);
      const changed = new Set();
      await inParallel(
        1000,
        async (i) => {
          const number = (i * 7919) % OBJECTS;
          changed.add(number);
          // an answer may be cut, too: what was written is asked for at the end
          await client.apply(configMap(number, `changed ${i}`), { fieldManager: 'churn', force: true }).catch(() => {});
          if (i % 10 === 0)
            await client.delete(ConfigMap, { namespace: 'default', name: `c-${number}` }).catch(() => {});
        },
        4,
      );
      clearInterval(cutting);
      await same(client, informer, heard);
      assert.ok(cuts > 0, 'something was cut');
      assert.equal(reads(transport), readings, 'what was missed is watched, not read again');
      assert.ok(heard.updated - before.updated >= 900 && heard.deleted - before.deleted >= 90, JSON.stringify(heard));
    });

    test('a restart of the server on its storage is survived, with what changed meanwhile', {
      skip: !restarts,
    }, async () => {
      await server.stop();
      await sleep(100);
      assert.equal(informer.store.size > OBJECTS / 2, true, 'the store stays while the server is gone');
      server = await start(dir);
      transport.moveTo(server);
      await client.apply(configMap(1, 'after the restart'), { fieldManager: 'churn', force: true });
      await client.delete(ConfigMap, { namespace: 'default', name: 'c-2' });
      await same(client, informer, heard);
    });

    test('metadata alone is kept where that is asked for, in lists as in watches', async () => {
      const options = {
        namespace: 'default',
        metadataOnly: true,
        watchList: false,
        fieldSelector: 'metadata.name=c-5',
      };
      const partial = newInformer(client, ConfigMap, options);
      const end = new AbortController();
      const ended = partial.run(end.signal);
      await partial.synced(AbortSignal.timeout(30_000));
      await client.apply(configMap(5, 'metadata'), { fieldManager: 'churn', force: true });
      const newest = await client.get(ConfigMap, { namespace: 'default', name: 'c-5' });
      await until(() => partial.store.list()[0]?.metadata.resourceVersion === newest.metadata.resourceVersion);
      const [only, ...others] = partial.store.list();
      assert.deepEqual([only.kind, only.apiVersion, only.data, others.length], ['ConfigMap', 'v1', undefined, 0]);
      end.abort();
      await ended;
    });

    test('a loop that follows hears on after a cut', async () => {
      const events = [];
      const options = { namespace: 'default', labelSelector: 'followed=yes', signal: AbortSignal.timeout(30_000) };
      const value = (text) => ({
        ...configMap('followed', text),
        metadata: { ...configMap('followed').metadata, labels: { followed: 'yes' } },
      });
      await client.create(value('0'));
      for await (const { type, object } of follow(client, ConfigMap, options)) {
        events.push(`${type} ${object.data.value}`);
        if (type === 'DELETED') break;
        const next = events.length;
        transport.cut();
        if (next < 3) await client.update({ ...object, data: { value: `${next}` } });
        else await client.delete(ConfigMap, { namespace: 'default', name: 'c-followed' });
      }
      assert.deepEqual(events, ['ADDED 0', 'MODIFIED 1', 'MODIFIED 2', 'DELETED 2']);
    });
  });

function configMap(number, value) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c-${number}`, namespace: 'default' },
    data: { number: `${number}`, value },
  };
}

/** Counts what a handler hears, and notes what cannot be. */
function listen(informer, heard) {
  const known = new Map();
  const note = (event, { metadata: { name, resourceVersion } }, isKnown) => {
    heard[event]++;
    if (known.has(name) !== isKnown) heard.wrong.push(`${event} ${name}`);
    if (isKnown && BigInt(resourceVersion) < BigInt(known.get(name))) heard.wrong.push(`${event} ${name}, older`);
    if (event === 'deleted') known.delete(name);
    else known.set(name, resourceVersion);
  };
  heard.known = known;
  informer.handle({
    added: (object) => note('added', object, false),
    updated: (object) => note('updated', object, true),
    deleted: (object) => note('deleted', object, true),
  });
}

/** Waits until an informer, and who listens to it, have what the server has. */
async function same(client, informer, heard) {
  let list;
  while (list === undefined) list = await client.list(ConfigMap, { namespace: 'default' }).catch(() => {});
  const wanted = new Map(list.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  const has = () => informer.store.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
  const isSame = (entries) =>
    entries.length === wanted.size && entries.every(([name, version]) => wanted.get(name) === version);
  await until(() => isSame(has()));
  assert.ok(isSame([...heard.known]), 'who listens ends with the same');
  assert.deepEqual(heard.wrong, []);
}

async function until(condition) {
  for (const deadline = Date.now() + 60_000; !condition(); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not within a minute: ${condition}`);
}

/** How often all was read: by a list, or a stream of what there is. */
function reads(transport) {
  return transport.asked.filter((line) => /configmaps\?.*sendInitialEvents|configmaps\?.*limit=/.test(line)).length;
}

async function inParallel(count, work, workers = 32) {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
