import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRoutes } from './plan-routes.ts';
import type { EndpointSlice, Service, SliceEndpoint, SlicePort } from './service.ts';

const nodes = [{ ip: '127.0.0.1' }, { ip: '10.239.0.1', node: 'n1' }];

function service(spec: Service['spec'], otherwise: Partial<Service> = {}): Service {
  const metadata = { namespace: 'default', name: 'web' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.0.0.7', ...spec }, ...otherwise };
}

function slice(ports: readonly SlicePort[], endpoints: readonly SliceEndpoint[]): EndpointSlice {
  const metadata = { namespace: 'default', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } };
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', ports, endpoints };
}

test('a port of a service leads to the port of the same name and protocol in each slice', () => {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' as const },
    { name: 'dns-tcp', port: 53 },
  ];
  const slices = [
    slice([{ name: 'dns', port: 5353, protocol: 'UDP' }], [{ addresses: ['10.244.0.2', 'ignored'] }]),
    slice(
      [
        { name: 'dns', port: 1, protocol: 'TCP' },
        { name: 'dns-tcp', port: 5354 },
      ],
      [{ addresses: ['10.244.0.3'] }],
    ),
  ];
  const routes = planRoutes(service({ ports }), slices, nodes);
  assert.deepEqual(
    routes.map(({ name, protocol, endpoints }) => [name, protocol, endpoints.map(({ ip, port }) => `${ip}:${port}`)]),
    [
      ['default/web:dns', 'UDP', ['10.244.0.2:5353']],
      ['default/web:dns-tcp', 'TCP', ['10.244.0.3:5354']],
    ],
  );
});

test('an endpoint in two slices is one, and ready if one says so', () => {
  const two = [false, true, false].map((ready) =>
    slice([{ port: 80 }], [{ addresses: ['10.244.0.2'], conditions: { ready } }]),
  );
  const [route] = planRoutes(service({ ports: [{ port: 80 }] }), two, nodes);
  assert.deepEqual(
    route!.endpoints.map(({ ready }) => ready),
    [true],
  );
});

test('conditions that are not told are as kube-proxy takes them', () => {
  const [route] = planRoutes(
    service({ ports: [{ port: 80 }] }),
    [
      slice(
        [{ port: 80 }],
        [{ addresses: ['10.244.0.2'] }, { addresses: ['10.244.0.3'], conditions: { ready: false } }],
      ),
    ],
    nodes,
  );
  assert.deepEqual(
    route!.endpoints.map(({ ready, serving, terminating }) => [ready, serving, terminating]),
    [
      [true, true, false],
      [false, false, false],
    ],
  );
});

test('a service is reached by its address, outer addresses, load balancers and node ports', () => {
  const status = {
    loadBalancer: { ingress: [{ ip: '10.239.255.1' }, { ip: '1.1.1.1', ipMode: 'Proxy' }, { hostname: 'x' }] },
  };
  const spec = {
    type: 'LoadBalancer',
    externalIPs: ['192.0.2.1'],
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    ports: [{ port: 80, nodePort: 30080 }],
  };
  const [route] = planRoutes(service(spec, { status }), [], nodes);
  assert.deepEqual(
    route!.frontends.map(({ ip, port, from, node, sourceRanges }) => [
      `${ip}:${port}`,
      from,
      node,
      sourceRanges?.length,
    ]),
    [
      ['10.0.0.7:80', 'internal', undefined, undefined],
      ['192.0.2.1:80', 'external', undefined, undefined],
      ['10.239.255.1:80', 'external', undefined, 1],
      ['127.0.0.1:30080', 'external', undefined, undefined],
      ['10.239.0.1:30080', 'external', 'n1', undefined],
    ],
  );
});

const unrouted: Readonly<Record<string, Service>> = {
  headless: service({ clusterIP: 'None', ports: [{ port: 80 }] }),
  'without an address yet': service({ clusterIP: '', ports: [{ port: 80 }] }),
  'a name for another': service({ type: 'ExternalName', clusterIP: '', externalName: 'example.com' }),
  'somebody else’s': service(
    { ports: [{ port: 80 }] },
    {
      metadata: { namespace: 'default', name: 'web', labels: { 'service.kubernetes.io/service-proxy-name': 'other' } },
    },
  ),
};
for (const [name, object] of Object.entries(unrouted)) {
  test(`a service that is ${name} is not routed`, () => assert.deepEqual(planRoutes(object, [], nodes), []));
}

test('affinity and policies are the service’s', () => {
  const [plain] = planRoutes(service({ ports: [{ port: 80 }] }), [], nodes);
  assert.deepEqual([plain!.affinityMs, plain!.internalLocal, plain!.externalLocal], [undefined, false, false]);
  const spec = { internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' };
  const [kept] = planRoutes(service({ ...spec, ports: [{ port: 80 }] }), [], nodes);
  assert.deepEqual([kept!.affinityMs, kept!.internalLocal, kept!.externalLocal], [10_800_000, true, true]);
});
