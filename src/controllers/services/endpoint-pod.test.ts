import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressesOf, canBeEndpoint, type EndpointPod, hostnameIn, targetPortOf } from './endpoint-pod.ts';
import type { Service, ServicePort } from './service.ts';

function pod(spec: Partial<EndpointPod['spec']>, status: EndpointPod['status'] = {}, deleted = false): EndpointPod {
  const deletionTimestamp = deleted ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {};
  return { metadata: { namespace: 'default', name: 'one', ...deletionTimestamp }, spec, status };
}

const withPorts = pod({
  containers: [
    {
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'dns', protocol: 'UDP', containerPort: 53 },
      ],
    },
  ],
  initContainers: [
    { name: 'side', restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 15001 }] },
    { name: 'init', ports: [{ name: 'setup', containerPort: 1 }] },
  ],
});
const ports: readonly { readonly name: string; readonly port: ServicePort; readonly expected: number | undefined }[] = [
  { name: 'a number is itself', port: { targetPort: 9090 }, expected: 9090 },
  { name: 'a name is that of a container', port: { targetPort: 'http' }, expected: 8080 },
  { name: 'a name counts with its protocol', port: { targetPort: 'dns' }, expected: undefined },
  { name: 'a name of another protocol', port: { targetPort: 'dns', protocol: 'UDP' }, expected: 53 },
  { name: 'sidecars have ports, too', port: { targetPort: 'proxy' }, expected: 15001 },
  { name: 'what runs before the others has none', port: { targetPort: 'setup' }, expected: undefined },
  { name: 'nobody has it', port: { targetPort: 'none' }, expected: undefined },
];

describe('the port of a pod that a port of a Service means', () => {
  for (const { name, port, expected } of ports)
    test(name, () => {
      assert.equal(targetPortOf(withPorts, port), expected);
    });
});

const candidates: readonly {
  readonly name: string;
  readonly pod: EndpointPod;
  readonly expected: readonly [boolean, boolean];
}[] = [
  { name: 'with an address', pod: pod({}, { podIP: '10.0.0.1' }), expected: [true, true] },
  { name: 'without one', pod: pod({}, { phase: 'Running' }), expected: [false, false] },
  { name: 'that has ended', pod: pod({}, { podIP: '10.0.0.1', phase: 'Succeeded' }), expected: [false, false] },
  { name: 'on its way out', pod: pod({}, { podIP: '10.0.0.1' }, true), expected: [false, true] },
];

describe('whether a pod can be an endpoint, and if those on their way out can', () => {
  for (const { name, pod: one, expected } of candidates)
    test(name, () => {
      assert.deepEqual([canBeEndpoint(one, false), canBeEndpoint(one, true)], expected);
    });
});

test('addresses are those of a family, in canonical form', () => {
  const both = pod({}, { podIPs: [{ ip: '10.0.0.1' }, { ip: '2001:DB8:0::1' }] });
  assert.deepEqual(addressesOf(both, 4), ['10.0.0.1']);
  assert.deepEqual(addressesOf(both, 6), ['2001:db8::1']);
});

test('a hostname counts in the Service that is named as its subdomain', () => {
  const service = { metadata: { namespace: 'default', name: 'db' }, spec: {} } as Service;
  assert.equal(hostnameIn(pod({ hostname: 'db-0', subdomain: 'db' }), service), 'db-0');
  assert.equal(hostnameIn(pod({ hostname: 'db-0', subdomain: 'web' }), service), undefined);
  assert.equal(hostnameIn(pod({ subdomain: 'db' }), service), undefined);
});
