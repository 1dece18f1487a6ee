import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointPod } from '../services/endpoint-pod.ts';
import type { Endpoints } from '../services/endpoints.ts';
import type { Service } from '../services/service.ts';
import { endpointsWith, subsetsOf } from './desired.ts';

function service(spec: Service['spec'] = {}, labels: Record<string, string> = { app: 'web' }): Service {
  return {
    metadata: { namespace: 'default', name: 'web', labels },
    spec: {
      clusterIP: '10.96.0.1',
      ipFamilies: ['IPv4'],
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
      ...spec,
    },
  };
}

function pod(name: string, ip: string, isReady = true): EndpointPod {
  return {
    metadata: { namespace: 'default', name, uid: name },
    spec: { nodeName: 'one' },
    status: { podIPs: [{ ip }], conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  };
}

const shown = (of: Service, pods: readonly EndpointPod[]) =>
  subsetsOf(of, pods).map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map(({ ip }) => ip),
    notReadyAddresses.map(({ ip }) => ip),
    ports.map(({ port }) => port),
  ]);

test('pods that are ready and not are in one subset, in the order of their addresses', () => {
  const pods = [pod('c', '10.0.0.3'), pod('a', '10.0.0.1'), pod('b', '10.0.0.2', false)];
  assert.deepEqual(shown(service(), pods), [[['10.0.0.1', '10.0.0.3'], ['10.0.0.2'], [8080]]]);
  assert.deepEqual(shown(service({ publishNotReadyAddresses: true }), pods)[0]![1], []);
});

test('a pod without an address of the first family of the Service is left out', () => {
  const pods = [pod('a', '10.0.0.1'), pod('b', '2001:db8::1')];
  assert.deepEqual(shown(service({ ipFamilies: ['IPv6', 'IPv4'] }), pods), [[['2001:db8::1'], [], [8080]]]);
});

test('a Service without ports has endpoints if it is headless', () => {
  assert.deepEqual(shown(service({ ports: [] }), [pod('a', '10.0.0.1')]), []);
  assert.deepEqual(shown(service({ ports: [], clusterIP: 'None' }), [pod('a', '10.0.0.1')]), [[['10.0.0.1'], [], []]]);
});

test('Endpoints are written when they are new or not as they shall be, and not otherwise', () => {
  const subsets = subsetsOf(service(), [pod('a', '10.0.0.1')]);
  const parts = { service: service(), subsets, trigger: '2030-01-01T00:00:00Z' };
  const first = endpointsWith({ metadata: { namespace: 'default', name: 'web' } }, parts)!;
  const there: Endpoints = { ...first, metadata: { ...first.metadata, resourceVersion: '1' } };
  assert.equal(endpointsWith(there, parts), undefined);
  assert.notEqual(endpointsWith(there, { ...parts, subsets: [] }), undefined);
  assert.notEqual(endpointsWith(there, { ...parts, service: service({}, { app: 'other' }) }), undefined);
  const marked = { ...there.metadata, annotations: { 'endpoints.kubernetes.io/over-capacity': 'truncated' } };
  assert.deepEqual(
    endpointsWith({ ...there, metadata: marked }, { ...parts, trigger: undefined })!.metadata.annotations,
    {},
  );
});

test('more than fit are cut and said so', () => {
  const pods = Array.from({ length: 1001 }, (_, at) => pod(`p${at}`, `10.0.${at >> 8}.${at & 255}`));
  const parts = { service: service(), subsets: subsetsOf(service(), pods), trigger: undefined };
  const { subsets, metadata } = endpointsWith({ metadata: { namespace: 'default', name: 'web' } }, parts)!;
  assert.equal(subsets![0]!.addresses!.length, 1000);
  assert.equal(metadata.annotations!['endpoints.kubernetes.io/over-capacity'], 'truncated');
});
