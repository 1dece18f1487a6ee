import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndpointSlice, Service } from 'nekube/network';
import type { Frontend } from '../model/config.ts';
import { balance, type NodePlace } from './frontends.ts';

const NODE: NodePlace = {
  name: 'n1',
  zone: 'a',
  addresses: ['10.239.0.1', 'fd00:239::1'],
  addressOf: (name, family) => (family === 4 ? `10.239.0.${name.slice(1)}` : `fd00:239::${name.slice(1)}`),
};

type Endpoints = NonNullable<EndpointSlice['endpoints']>;
type Spec = Partial<Service['spec']>;

function service(spec: Spec, annotations: Record<string, string> = {}, status: Service['status'] = {}): Service {
  const metadata = { namespace: 'default', name: 'web', annotations };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.0.0.7', ports: [{ name: 'http', port: 80, nodePort: 30080 }], ...spec },
    status,
  };
}

function slice(endpoints: Endpoints, port = 8080, addressType = 'IPv4'): EndpointSlice {
  const metadata = { namespace: 'default', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } };
  const ports = [{ name: 'http', port, protocol: 'TCP' }];
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType, ports, endpoints };
}

const PODS = slice([
  { addresses: ['10.244.1.2'], nodeName: 'n1' },
  { addresses: ['10.244.2.2'], nodeName: 'n2' },
]);

const SNAT = { mode: 'snat', algorithm: 'maglev' } as const;

function frontends(spec: Spec, slices = [PODS], status?: Service['status']): readonly Frontend[] {
  return balance(service(spec, {}, status), slices, NODE, SNAT).frontends;
}

const addresses = (list: Frontend['backends'] | undefined) => list?.map(({ address, port }) => `${address}:${port}`);

describe('a Service is reached', () => {
  const cases: { name: string; spec: Spec; status?: Service['status']; places: string[] }[] = [
    { name: 'at its cluster IP', spec: { ports: [{ name: 'http', port: 80 }] }, places: ['internal 10.0.0.7:80'] },
    {
      name: 'at its node port on the addresses of the node, of the family of its endpoints or not',
      spec: {},
      places: ['internal 10.0.0.7:80', 'external 10.239.0.1:30080', 'external fd00:239::1:30080'],
    },
    {
      name: 'at external addresses and those of its load balancer, but not where that is a proxy',
      spec: { ports: [{ name: 'http', port: 80 }], externalIPs: ['192.0.2.1'] },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { ip: '192.0.2.10', ipMode: 'Proxy' }] } },
      places: ['internal 10.0.0.7:80', 'external 192.0.2.1:80', 'external 192.0.2.9:80'],
    },
    { name: 'nowhere if it is headless', spec: { clusterIP: 'None' }, places: [] },
  ];
  for (const { name, spec, status, places } of cases)
    test(name, () =>
      assert.deepEqual(
        frontends(spec, [PODS], status).map(({ from, address, port }) => `${from} ${address}:${port}`),
        places,
      ),
    );
});

describe('its backends are', () => {
  const CLUSTER_IP: Spec = { ports: [{ name: 'http', port: 80 }] };

  test('those of its family, with the nodes that they are on', () => {
    const six = slice([{ addresses: ['fd00:244::2'], nodeName: 'n2' }], 8080, 'IPv6');
    const spec = { ...CLUSTER_IP, clusterIPs: ['10.0.0.7', 'fd00::7'] };
    const [four, sixth] = frontends(spec, [PODS, six]);
    assert.deepEqual(addresses(four?.backends), ['10.244.1.2:8080', '10.244.2.2:8080']);
    const common = { port: 8080, isLocal: false, isTerminating: false, carriesPort: false };
    assert.deepEqual(sixth?.backends, [{ address: 'fd00:244::2', node: 'n2', nodeAddress: 'fd00:239::2', ...common }]);
  });

  test('for the policy Local those of the node, and for clients inside all', () => {
    const [inside, outside] = frontends({ externalTrafficPolicy: 'Local' });
    assert.deepEqual(addresses(inside?.backends), ['10.244.1.2:8080', '10.244.2.2:8080']);
    assert.equal(inside?.insideBackends, undefined);
    assert.deepEqual(addresses(outside?.backends), ['10.244.1.2:8080']);
    assert.deepEqual(addresses(outside?.insideBackends), ['10.244.1.2:8080', '10.244.2.2:8080']);
  });

  test('those that end last, if others take new flows', () => {
    const ending = { ready: false, serving: true, terminating: true };
    const pods = (ready: boolean) => [
      slice([
        { addresses: ['10.244.1.2'], nodeName: 'n1', conditions: ending },
        { addresses: ['10.244.2.2'], nodeName: 'n2', conditions: { ready } },
      ]),
    ];
    const told = (slices: EndpointSlice[]) =>
      frontends(CLUSTER_IP, slices)[0]?.backends.map(({ address, isTerminating }) => [address, isTerminating]);
    assert.deepEqual(told(pods(true)), [
      ['10.244.2.2', false],
      ['10.244.1.2', true],
    ]);
    assert.deepEqual(told(pods(false)), [['10.244.1.2', false]]);
  });

  test('told apart by a port that the packet carries, where two have one address', () => {
    const [frontend] = frontends(CLUSTER_IP, [PODS, slice([{ addresses: ['10.244.1.2'], nodeName: 'n1' }], 9090)]);
    assert.deepEqual(
      frontend?.backends.map(({ address, port, carriesPort }) => [address, port, carriesPort]),
      [
        ['10.244.1.2', 8080, true],
        ['10.244.2.2', 8080, false],
        ['10.244.1.2', 9090, true],
      ],
    );
  });

  test('told apart by a port as well where the other one is for other zones', () => {
    const slices = [slice([hinted('10.244.1.2', 'n1', 'a')]), slice([hinted('10.244.1.2', 'n1', 'b')], 9090)];
    const [frontend] = frontends(CLUSTER_IP, slices);
    assert.deepEqual(
      frontend?.backends.map(({ port, carriesPort }) => [port, carriesPort]),
      [[8080, true]],
    );
  });

  test('none that end where the policy Local leaves none at all', () => {
    const ending = { ready: false, serving: true, terminating: true };
    const elsewhere = slice([{ addresses: ['10.244.2.2'], nodeName: 'n2', conditions: ending }]);
    const [frontend] = frontends({ ...CLUSTER_IP, internalTrafficPolicy: 'Local' }, [elsewhere]);
    assert.deepEqual(frontend?.backends, []);
  });

  test('with an address of the other family of a node that has none of theirs', () => {
    const node: NodePlace = { ...NODE, addressOf: (_, family) => (family === 6 ? 'fd00:239::9' : undefined) };
    const [frontend] = balance(service(CLUSTER_IP), [PODS], node, SNAT).frontends;
    assert.deepEqual(
      frontend?.backends.map(({ nodeAddress }) => nodeAddress),
      ['fd00:239::9', 'fd00:239::9'],
    );
  });
});

const hinted = (address: string, nodeName: string, zone: string) => ({
  addresses: [address],
  nodeName,
  hints: { forZones: [{ name: zone }] },
});

describe('what other nodes may send here is taken', () => {
  test('to pods here that this node itself does not choose', () => {
    const slices = [slice([hinted('10.244.1.2', 'n1', 'b'), hinted('10.244.1.3', 'n1', 'a')])];
    const [frontend] = frontends({ ports: [{ name: 'http', port: 80 }] }, slices);
    assert.deepEqual(addresses(frontend?.backends), ['10.244.1.3:8080']);
    assert.deepEqual(addresses(frontend?.forOthers), ['10.244.1.2:8080']);
  });

  test('to the node port at their own addresses', () => {
    assert.deepEqual(
      frontends({}).map(({ port, isNodePort }) => [port, isNodePort]),
      [
        [80, undefined],
        [30080, true],
        [30080, true],
      ],
    );
  });
});

describe('a request for which there is no backend', () => {
  const elsewhere = slice([{ addresses: ['10.244.2.2'], nodeName: 'n2' }]);
  for (const { name, spec, slices, whenEmpty } of [
    { name: 'is rejected if nobody has one', spec: {}, slices: [], whenEmpty: 'reject' },
    {
      name: 'is dropped if the policy Local keeps it from those of others',
      spec: { internalTrafficPolicy: 'Local' },
      slices: [elsewhere],
      whenEmpty: 'drop',
    },
  ])
    test(name, () => {
      const [frontend] = frontends(spec, slices);
      assert.deepEqual([frontend?.backends, frontend?.whenEmpty], [[], whenEmpty]);
    });
});

test('source ranges hold for the load balancer, and in their own family', () => {
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { ip: '2001:db8::9' }] } };
  const spec = { ports: [{ name: 'http', port: 80 }], loadBalancerSourceRanges: [' 10.1.0.0/16 '] };
  assert.deepEqual(
    frontends(spec, [PODS], status).map(({ address, sourceRanges }) => [address, sourceRanges]),
    [
      ['10.0.0.7', undefined],
      ['192.0.2.9', ['10.1.0.0/16']],
      ['2001:db8::9', undefined],
    ],
  );
});

test('a client keeps its backend for as long as the Service says', () => {
  const [frontend] = frontends({
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  });
  assert.equal(frontend?.affinitySeconds, 60);
});

describe('a Service asks by annotations', () => {
  const asks = (annotations: Record<string, string>, spec: Spec = {}) =>
    balance(service(spec, annotations), [PODS], NODE, SNAT);

  test('for a mode and an algorithm of its own', () => {
    const { frontends, problems } = asks({
      'loadbalancer.nekube.dev/mode': 'dsr-ipip',
      'loadbalancer.nekube.dev/algorithm': 'random',
    });
    assert.deepEqual([frontends[0]?.mode, frontends[0]?.algorithm, problems], ['dsr-ipip', 'random', []]);
  });

  test('and is told what cannot be, while it is served as all are', () => {
    const { frontends, problems } = asks({ 'loadbalancer.nekube.dev/mode': 'DSR' });
    assert.equal(frontends[0]?.mode, 'snat');
    assert.deepEqual(problems, [
      'annotation loadbalancer.nekube.dev/mode must be one of snat, dsr-ipip, dsr-ipopt, dsr-geneve, and is "DSR"; snat is used',
    ]);
  });

  test('a port of SCTP is refused, and the others are served', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'sctp', port: 81, protocol: 'SCTP' as const },
    ];
    const { frontends, problems } = asks({}, { ports });
    assert.deepEqual(
      frontends.map(({ port }) => port),
      [80],
    );
    assert.deepEqual(problems, ['port default/web:sctp is of SCTP, which is not balanced; only TCP and UDP are']);
  });
});
