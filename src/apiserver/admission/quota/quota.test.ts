import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { openMemory, type Storage } from 'nekube/storage';
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts';
import { Informer } from '../../registry/informer.ts';
import { Informers } from '../../registry/informers.ts';
import { encodeRecord } from '../../registry/record.ts';
import { Resources } from '../../registry/resources.ts';
import { keyOf } from '../../registry/served.ts';
import { Store } from '../../registry/store.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { resourceQuota } from './index.ts';

const now = () => new Date('2026-01-01T00:00:00Z');
const resources = new Resources(now);
const quotas = resources.builtin('', 'v1', 'resourcequotas');

/** One server's plugin over a storage. */
async function serverOver(storage: Storage, signal: AbortSignal): Promise<AdmissionPlugin> {
  const store = new Store(storage, new Map());
  const make = (group: string, version: string, resource: string) =>
    new Informer(resources.builtin(group, version, resource), { store, storage });
  const informers = new Informers(make);
  const plugin = resourceQuota({ store, storage, resources, informers, now } as unknown as PluginDeps);
  await informers.start(signal);
  return plugin;
}

async function putQuota(storage: Storage, name: string, hard: JsonObject, used: JsonObject): Promise<void> {
  const quota = { metadata: { name, namespace: 'ns', uid: name }, spec: { hard }, status: { hard, used } };
  await storage.write({ key: keyOf(quotas, 'ns', name), value: encodeRecord(quotas.normalizeHub(quota)) });
}

async function usedOf(storage: Storage, name: string): Promise<JsonObject> {
  return (await new Store(storage, new Map()).head(quotas, 'ns', name))!.status.used;
}

function creation(resource: string, object: KubeObject, more: Partial<AdmissionAttributes> = {}): AdmissionAttributes {
  const attributes = {
    operation: 'CREATE',
    resource: resources.builtin('', 'v1', resource),
    subresource: '',
    namespace: 'ns',
    name: object.metadata.name ?? '',
    object,
    dryRun: false,
    ...more,
  };
  return attributes as unknown as AdmissionAttributes;
}

const configMap = (i: number) => creation('configmaps', { metadata: { name: `c${i}` } });
const podOf = (cpu: string, name = 'p') =>
  creation('pods', {
    metadata: { name },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
  } as unknown as KubeObject);

/** How many of the requests were admitted, made all at once. */
async function admitted(plugin: AdmissionPlugin, requests: readonly AdmissionAttributes[]): Promise<number> {
  const results = await Promise.allSettled(requests.map(async (request) => plugin.validate!(request)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

describe('quotas', () => {
  test('are not exceeded by requests that come at once', async () => {
    const [storage, closing] = [openMemory(), new AbortController()];
    await putQuota(storage, 'q', { configmaps: '7' }, { configmaps: '0' });
    const plugin = await serverOver(storage, closing.signal);
    const requests = Array.from({ length: 40 }, (_, i) => configMap(i));
    assert.equal(await admitted(plugin, requests), 7);
    assert.deepEqual(await usedOf(storage, 'q'), { configmaps: '7' });
    closing.abort();
  });

  test('count requests that come at once in few writes', async () => {
    const [storage, closing] = [openMemory(), new AbortController()];
    await putQuota(storage, 'q', { configmaps: '100' }, { configmaps: '0' });
    const plugin = await serverOver(storage, closing.signal);
    const before = (await storage.range(quotas.keyPrefix)).revision;
    assert.equal(
      await admitted(
        plugin,
        Array.from({ length: 50 }, (_, i) => configMap(i)),
      ),
      50,
    );
    const writes = (await storage.range(quotas.keyPrefix)).revision - before;
    assert.ok(writes <= 2, `${writes} writes`);
    closing.abort();
  });

  test('are not exceeded by two servers over one storage', async () => {
    const [storage, closing] = [openMemory(), new AbortController()];
    await putQuota(storage, 'q', { configmaps: '9' }, { configmaps: '0' });
    const servers = [await serverOver(storage, closing.signal), await serverOver(storage, closing.signal)];
    let count = 0;
    // a lost race may end in an error after its retries, and never in too much
    for (let round = 0; round < 10; round++)
      for (const one of await Promise.all(servers.map((plugin, i) => admitted(plugin, [configMap(round * 2 + i)]))))
        count += one;
    assert.equal(count, 9);
    assert.deepEqual(await usedOf(storage, 'q'), { configmaps: '9' });
    closing.abort();
  });

  test('leave a request alone that another quota refuses', async () => {
    const [storage, closing] = [openMemory(), new AbortController()];
    await putQuota(storage, 'a', { configmaps: '5' }, { configmaps: '0' });
    await putQuota(storage, 'b', { 'count/configmaps': '0' }, { 'count/configmaps': '0' });
    const plugin = await serverOver(storage, closing.signal);
    assert.equal(await admitted(plugin, [configMap(1)]), 0);
    assert.deepEqual(await usedOf(storage, 'a'), { configmaps: '0' });
    closing.abort();
  });

  test('do not count a dry run, and judge it', async () => {
    const [storage, closing] = [openMemory(), new AbortController()];
    await putQuota(storage, 'q', { configmaps: '1' }, { configmaps: '0' });
    const plugin = await serverOver(storage, closing.signal);
    const dry = { ...configMap(1), dryRun: true };
    assert.equal(await admitted(plugin, [dry, dry, dry]), 3);
    assert.equal(await admitted(plugin, [configMap(1)]), 1);
    assert.equal(await admitted(plugin, [dry]), 0);
    assert.deepEqual(await usedOf(storage, 'q'), { configmaps: '1' });
    closing.abort();
  });

  test('have used what was admitted, whatever was asked for', async () => {
    const milli = fc.integer({ min: 1, max: 900 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(milli, { maxLength: 6 }), { maxLength: 5 }), async (rounds) => {
        const [storage, closing] = [openMemory(), new AbortController()];
        await putQuota(storage, 'q', { 'requests.cpu': '2' }, { 'requests.cpu': '0' });
        const plugin = await serverOver(storage, closing.signal);
        let sum = 0;
        for (const round of rounds) {
          const results = await Promise.allSettled(round.map(async (m) => plugin.validate!(podOf(`${m}m`))));
          // the model: first come, first served
          const expected = round.map((m) => (sum + m <= 2000 ? ((sum += m), true) : false));
          assert.deepEqual(
            results.map(({ status }) => status === 'fulfilled'),
            expected,
          );
        }
        const text = (await usedOf(storage, 'q'))['requests.cpu'] as string;
        assert.equal(text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000, sum);
        closing.abort();
      }),
      { numRuns: 50 },
    );
  });
});
