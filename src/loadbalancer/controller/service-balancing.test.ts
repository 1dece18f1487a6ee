import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Informers, Node, Service } from 'nekube/network';
import { ServiceMaps } from '../maps/service-maps.ts';
import { addressesOf } from './node-addresses.ts';
import { startServiceBalancing } from './service-balancing.ts';

const service = (name: string, second: number, externalIPs: readonly string[] = ['192.0.2.1']): Service =>
  ({
    ...{ apiVersion: 'v1', kind: 'Service' },
    metadata: { name, namespace: 'default', creationTimestamp: `2026-01-01T00:00:0${second}Z` },
    spec: { clusterIP: `10.96.0.${second}`, externalIPs, ports: [{ port: 80 }] },
  }) as unknown as Service;

/** Informers that know these Services, in their order, and nothing else. */
function knowing(services: Map<string, Service>) {
  let tell: (object: Service) => void = () => undefined;
  const informer = (kind: { kind: string }) => {
    const objects = kind.kind === 'Service' ? services : new Map<string, Service>();
    return {
      store: { get: ({ name = '' }) => objects.get(name), list: () => [...objects.values()], byIndex: () => [] },
      addIndex: () => undefined,
      synced: () => Promise.resolve(),
      handle(handler: { added(object: Service): void; deleted(object: Service): void }) {
        if (kind.kind === 'Service') tell = (object) => handler.added(object);
        for (const object of objects.values()) handler.added(object);
        return () => undefined;
      },
    };
  };
  return { informers: { informer } as unknown as Informers, tell: (object: Service) => tell(object) };
}

/** What is told of each Service from now on, and who has the address that all want. */
async function balancing(services: Map<string, Service>) {
  const { informers, tell } = knowing(services);
  const told: string[] = [];
  const maps = new ServiceMaps();
  let synced: () => void;
  const isSynced = new Promise<void>((done) => (synced = done));
  const running = startServiceBalancing({
    ...{ informers, node: 'n1', settings: { mode: 'snat', algorithm: 'maglev' }, maps },
    apply: () => undefined,
    onProblems: ({ metadata }, problems) => told.push(`${metadata.name}: ${problems.join()}`),
    onSynced: () => synced(),
  });
  await isSynced;
  const owner = () => {
    const [, name] = [...maps.owners].find(([key]) => key.startsWith('\xc0\x00\x02\x01')) ?? [];
    return name;
  };
  return { running, told, tell, owner };
}

test('of two Services that want one address the older has it, whatever their names are', async () => {
  const services = [service('able', 2), service('zed', 1)];
  const { running, owner, told } = await balancing(new Map(services.map((one) => [one.metadata.name ?? '', one])));
  assert.equal(owner(), 'default/zed:80');
  assert.deepEqual(told, [
    'able: 192.0.2.1:80 is taken by default/zed:80, and not served for default/able:80 meanwhile',
  ]);
  running.close();
});

test('a Service that gets the address that another has left is told that nothing is wrong any more', async () => {
  const services = new Map([service('zed', 1), service('able', 2)].map((one) => [one.metadata.name ?? '', one]));
  const { running, owner, told, tell } = await balancing(services);
  const gone = services.get('zed') as Service;
  services.delete('zed');
  tell(gone);
  running.flush();
  assert.equal(owner(), 'default/able:80');
  running.flush();
  assert.deepEqual(told.slice(1), ['able: ']);
  running.close();
});

test('what is no address is none of a Node', () => {
  const addresses = ['nonsense', '', '10.0.0.1', 'fd00::1', '10.0.0.0/8'].map((address) => ({
    type: 'InternalIP',
    address,
  }));
  assert.deepEqual(addressesOf({ metadata: { name: 'n1' }, status: { addresses } } as unknown as Node), [
    '10.0.0.1',
    'fd00::1',
  ]);
});

test('writes that fail again are tried once more a second after the last time, and not after the first as well', async (t) => {
  const services = new Map([['one', service('one', 1)]]);
  const { informers, tell } = knowing(services);
  let [tried, isBroken] = [0, false];
  let synced: () => void;
  const isSynced = new Promise<void>((done) => (synced = done));
  const running = startServiceBalancing({
    ...{ informers, node: 'n1', settings: { mode: 'snat', algorithm: 'maglev' }, maps: new ServiceMaps() },
    apply: () => {
      tried++;
      if (isBroken) throw new Error('no room');
    },
    recover: () => new ServiceMaps(),
    onProblems: () => undefined,
    onSynced: () => synced(),
  });
  await isSynced;
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  isBroken = true;
  const fail = (): void => {
    tell(services.get('one') as Service);
    running.flush();
  };
  fail();
  t.mock.timers.tick(500);
  fail();
  isBroken = false;
  tried = 0;
  t.mock.timers.tick(900);
  assert.equal(tried, 0);
  t.mock.timers.tick(200);
  assert.equal(tried, 1);
  running.close();
});
