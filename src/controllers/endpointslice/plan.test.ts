import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointPod } from '../services/endpoint-pod.ts';
import type { AddressType, EndpointSlice } from '../services/endpoint-slice.ts';
import type { Service } from '../services/service.ts';
import { addressTypesOf } from './desired.ts';
import type { Node } from './node.ts';
import { planSlices } from './plan.ts';
import { Topology } from './topology.ts';

const node: Node = { metadata: { name: 'one', labels: { 'topology.kubernetes.io/zone': 'east' } } };

function service(spec: Service['spec'] = {}, more: Partial<Service['metadata']> = {}): Service {
  const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }];
  return {
    metadata: { namespace: 'default', name: 'web', uid: 'uid', labels: { app: 'web' }, ...more },
    spec: { clusterIP: '10.96.0.1', ipFamilies: ['IPv4'], selector: { app: 'web' }, ports, ...spec },
  };
}

function pod(name: string, ips: readonly string[], nodeName = 'one'): EndpointPod {
  return {
    metadata: { namespace: 'default', name, uid: `uid of ${name}` },
    spec: { nodeName },
    status: { phase: 'Running', podIPs: ips.map((ip) => ({ ip })), conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function plan(
  of: Service,
  pods: readonly EndpointPod[],
  slices: readonly EndpointSlice[] = [],
  addressType: AddressType = 'IPv4',
) {
  const find = (name: string): Node | undefined => (name === 'one' ? node : undefined);
  return planSlices({ service: of, pods, node: find, addressType, slices, topology: new Topology(), maxPerSlice: 100 });
}

/** The slice as the server would have it. */
function made(slice: EndpointSlice, name: string): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, name } };
}

test('each family has the addresses of its own', () => {
  const dual = service({ ipFamilies: ['IPv6', 'IPv4'] });
  const pods = [pod('a', ['10.0.0.1', '2001:db8::1'])];
  assert.deepEqual(addressTypesOf(dual), ['IPv4', 'IPv6']);
  const addresses = (type: AddressType) => plan(dual, pods, [], type).create[0]?.endpoints?.[0]?.addresses;
  assert.deepEqual(addresses('IPv4'), ['10.0.0.1']);
  assert.deepEqual(addresses('IPv6'), ['2001:db8::1']);
});

test('a Service of an old server has the family of its address, or both', () => {
  assert.deepEqual(addressTypesOf(service({ ipFamilies: [], clusterIP: 'fd00::1' })), ['IPv6']);
  assert.deepEqual(addressTypesOf(service({ ipFamilies: [], clusterIP: '10.0.0.1' })), ['IPv4']);
  assert.deepEqual(addressTypesOf(service({ ipFamilies: [], clusterIP: 'None' })), ['IPv4', 'IPv6']);
});

test('what is right is not written again, and a placeholder stands for no endpoints', () => {
  const full = made(plan(service(), [pod('a', ['10.0.0.1'])]).create[0]!, 'web-1');
  const again = plan(service(), [pod('a', ['10.0.0.1'])], [full]);
  assert.deepEqual([again.create, again.update, again.delete], [[], [], []]);
  const empty = plan(service(), [], [full]);
  assert.deepEqual([empty.create, empty.delete], [[], []]);
  assert.deepEqual(
    empty.update.map(({ metadata, endpoints }) => [metadata.name, endpoints]),
    [['web-1', []]],
  );
  const stays = plan(service(), [], [made(empty.update[0]!, 'web-1')]);
  assert.deepEqual([stays.create, stays.update, stays.delete], [[], [], []]);
});

test('slices of an earlier Service of the name are deleted, and not written over', () => {
  const old = made(plan(service({}, { uid: 'old' }), [pod('a', ['10.0.0.1'])]).create[0]!, 'web-old');
  const now = plan(service(), [pod('a', ['10.0.0.1'])], [old]);
  assert.equal(now.create.length, 1);
  assert.deepEqual(
    now.delete.map(({ metadata }) => metadata.name),
    ['web-old'],
  );
});

test('a pod on a node that is not there is left out and told of, unless pods are published anyway', () => {
  const pods = [pod('a', ['10.0.0.1'], 'gone')];
  const strict = plan(service(), pods);
  assert.deepEqual(strict.errors, ['skipping Pod a for Service default/web: Node gone Not Found']);
  assert.deepEqual(strict.create[0]?.endpoints, []);
  const published = plan(service({ publishNotReadyAddresses: true }), pods);
  assert.deepEqual(published.errors, []);
  assert.equal(published.create[0]?.endpoints?.length, 1);
});

test('hints follow the traffic distribution', () => {
  const hints = (trafficDistribution: string) =>
    plan(service({ trafficDistribution }), [pod('a', ['10.0.0.1'])]).create[0]?.endpoints?.[0]?.hints;
  assert.deepEqual(hints('PreferClose'), { forZones: [{ name: 'east' }] });
  assert.deepEqual(hints('PreferSameZone'), { forZones: [{ name: 'east' }] });
  assert.deepEqual(hints('PreferSameNode'), { forZones: [{ name: 'east' }], forNodes: [{ name: 'one' }] });
  assert.equal(hints('Unknown'), undefined);
});

test('hints that are no longer asked for are taken away from slices that are right otherwise', () => {
  const pods = [pod('a', ['10.0.0.1'])];
  const near = made(plan(service({ trafficDistribution: 'PreferClose' }), pods).create[0]!, 'web-1');
  const { update } = plan(service(), pods, [near]);
  assert.equal(update[0]?.endpoints?.[0]?.hints, undefined);
  assert.equal(update.length, 1);
});

test('a thousand pods are in ten slices', () => {
  const pods = Array.from({ length: 1000 }, (_, at) => pod(`p${at}`, [`10.0.${at >> 8}.${at & 255}`]));
  const { create } = plan(service(), pods);
  assert.deepEqual(
    create.map(({ endpoints }) => endpoints?.length),
    Array.from({ length: 10 }, () => 100),
  );
});
