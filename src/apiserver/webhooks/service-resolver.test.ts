import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { openMemory } from 'nekube/storage';
import { encodeRecord } from '../registry/record.ts';
import { Resources } from '../registry/resources.ts';
import { keyOf } from '../registry/served.ts';
import { Store } from '../registry/store.ts';
import { storedServices } from './service-resolver.ts';

const resources = new Resources(() => new Date(0));
const services = resources.builtin('', 'v1', 'services');
const slices = resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');

const ports = [{ name: 'https', port: 443 }];
const meta = (name: string, labels?: Record<string, string>) => ({
  name,
  namespace: 'a',
  uid: name,
  ...(labels && { labels }),
});
const slice = (name: string, addresses: string[], ready: boolean): KubeObject => ({
  metadata: meta(name, { 'kubernetes.io/service-name': 'hook' }),
  ports: [{ name: 'https', port: 9443 }],
  endpoints: [{ addresses, conditions: { ready } }],
});

async function resolverOf(spec: object, endpoints: readonly KubeObject[] = []) {
  const storage = openMemory();
  const put = (key: string, object: KubeObject) => storage.write({ key, value: encodeRecord(object) });
  await put(keyOf(services, 'a', 'hook'), { metadata: meta('hook'), spec });
  for (const one of endpoints) await put(keyOf(slices, 'a', one.metadata.name!), one);
  return storedServices({ storage, store: new Store(storage, new Map()), resources });
}

describe('a service of a webhook', () => {
  const spec = { type: 'ClusterIP', clusterIP: '10.0.0.7', ports };
  const cases = [
    ['is its cluster IP', spec, [], { host: '10.0.0.7', port: 443 }],
    [
      'is an endpoint that is ready',
      spec,
      [slice('x', ['10.1.1.1'], false), slice('y', ['10.1.1.2'], true)],
      { host: '10.1.1.2', port: 9443 },
    ],
    [
      'is its external name',
      { type: 'ExternalName', externalName: 'hooks.example.com' },
      [],
      { host: 'hooks.example.com', port: 443 },
    ],
    [
      'is an endpoint where it has no IP',
      { ...spec, clusterIP: 'None' },
      [slice('y', ['10.1.1.2'], true)],
      { host: '10.1.1.2', port: 9443 },
    ],
  ] as const;
  for (const [name, of, endpoints, expected] of cases)
    test(name, async () => {
      const resolve = await resolverOf(of, endpoints);
      assert.deepEqual(await resolve({ namespace: 'a', name: 'hook', port: 443 }), expected);
    });

  const failures = [
    ['must be there', spec, { name: 'other', port: 443 }, 'service "other" not found'],
    ['must have the port', spec, { name: 'hook', port: 80 }, 'no service port 80 found for service "hook"'],
    [
      'must lead somewhere',
      { ...spec, clusterIP: 'None' },
      { name: 'hook', port: 443 },
      'cannot route to service with ClusterIP "None"',
    ],
  ] as const;
  for (const [name, of, wanted, message] of failures)
    test(name, async () => {
      const resolve = await resolverOf(of);
      await assert.rejects(resolve({ namespace: 'a', ...wanted }), { message });
    });
});
