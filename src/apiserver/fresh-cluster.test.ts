import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOrCreatePki } from 'nekube/pki';
import { type LocalStorage, type NewEntry, openMemory, type Storage } from 'nekube/storage';
import { startServer } from './server.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
const NOW = new Date('2026-03-04T05:06:07Z');
const QUIET_TURNS = 10;

/** A storage whose keys are made as `createAll` says. */
function withCreateAll(storage: LocalStorage, createAll: Storage['createAll']): Storage {
  return new Proxy(storage, {
    get: (target, name) => {
      const value: unknown = name === 'createAll' ? createAll : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** What a server makes of a storage until it is quiet: a record for each key, without the uid. */
async function madeBy(storage: Storage, options: { readonly serviceClusterIpRange?: string } = {}) {
  const server = await startServer({ storage, pki, now: () => NOW, ...options });
  for (let still = 0, revision = 0; still < QUIET_TURNS; still++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (storage.revision !== revision) still = 0;
    revision = storage.revision;
  }
  const { entries } = await storage.range('');
  await server.close();
  await storage.close();
  return { uids: entries.map(({ value }) => uidIn(value)), records: entries.map(recordOf) };
}

function recordOf({ key, value }: { readonly key: string; readonly value: Uint8Array }): readonly [string, string] {
  return [key, Buffer.from(value).toString('latin1').replace(uidIn(value), 'UID')];
}

function uidIn(value: Uint8Array): string {
  return /"uid":"([^"]*)"/.exec(Buffer.from(value).toString())?.[1] ?? '';
}

const singly = () => madeBy(withCreateAll(openMemory(), async () => false));

test('what is made at once is what is made singly, to the byte, with uids of its own', async () => {
  const [atOnce, one] = [await madeBy(openMemory()), await singly()];
  assert.deepEqual(atOnce.records, one.records);
  assert.equal(new Set([...atOnce.uids, ...one.uids]).size, 2 * one.records.length);
});

test('what another server has made a part of is completed', async () => {
  const storage = openMemory();
  let calls = 0;
  const halfway = withCreateAll(storage, async (entries: readonly NewEntry[]) => {
    calls++;
    if (calls === 1) return storage.createAll(entries);
    // another server was faster with some of them
    await storage.createAll(entries.slice(-5));
    return false;
  });
  assert.deepEqual((await madeBy(halfway)).records, (await singly()).records);
  assert.equal(calls, 2);
});

test('a storage that has something is not taken for a fresh one', async () => {
  const storage = openMemory();
  await storage.write({ key: '/other', value: Buffer.from('{"uid":"x"}') });
  const never = withCreateAll(storage, () => Promise.reject(new Error('made at once')));
  const { records } = await madeBy(never);
  assert.equal(records.length, (await singly()).records.length + 1);
});

test('the service of the API has the first address of whatever range', async () => {
  const { records } = await madeBy(openMemory(), { serviceClusterIpRange: '10.96.0.0/16' });
  const record = (key: string): string => records.find(([name]) => name === key)?.[1] ?? '';
  assert.match(record('/registry/services/specs/default/kubernetes'), /"clusterIP":"10\.96\.0\.1"/);
  assert.match(record('/registry/servicecidrs/kubernetes'), /"cidrs":\["10\.96\.0\.0\/16"\]/);
  assert.deepEqual(
    records.filter(([key]) => key.startsWith('/registry/ipaddresses/')).map(([key]) => key),
    ['/registry/ipaddresses/10.96.0.1'],
  );
});

test('the address of the API is taken', async () => {
  const storage = openMemory();
  const server = await startServer({ storage, pki, authorizationModes: ['AlwaysAllow'] });
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'other' },
    spec: { clusterIP: '10.0.0.1', ports: [{ port: 80 }] },
  });
  const response = await server.connect().send({
    method: 'POST',
    path: '/api/v1/namespaces/default/services',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
  });
  assert.equal(response.status, 422);
  await server.close();
  await storage.close();
});
