// Services and EndpointSlices as they come from an API server, and what clients of them get.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAMILIES, MODES, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, NODE_OF, Topology } from './topology.mjs';

const skip = whyNot();
/** Long enough for whoever answers, on whatever machine; whoever must not answer is waited for so long as well. */
const SILENT_MS = 700;

let network;
let nodes;
let made = 0;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { attachesPods: true });
  const servers = [
    ...Object.keys(NODE_OF).flatMap((pod) => [
      [pod, 8080],
      [pod, 9090],
    ]),
    ['n1', 7070],
  ];
  await Promise.all(servers.map(([name, port]) => network.serve(name, port)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

/** A Service with addresses that no other has. */
function serviceOf({ spec = {}, ports = [{ name: 'http', port: 80, protocol: 'TCP' }], ingress = false } = {}) {
  const number = ++made;
  const addresses = { 4: `10.96.1.${number}`, 6: `fd00:96::1:${number.toString(16)}` };
  const balanced = { 4: `10.96.2.${number}`, 6: `fd00:96::2:${number.toString(16)}` };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: `web-${number}` },
    spec: { clusterIP: addresses[4], clusterIPs: [addresses[4], addresses[6]], ports, ...spec },
    ...(ingress && { status: { loadBalancer: { ingress: FAMILIES.map((family) => ({ ip: balanced[family] })) } } }),
  };
  return { service, addresses, balanced };
}

/** A slice of pods, or of nodes in whose network a pod is. */
function sliceOf(
  { service },
  family,
  pods,
  { ports = [{ name: 'http', port: 8080, protocol: 'TCP' }], name = 'a' } = {},
) {
  const endpoints = pods.map((pod) => {
    const { name: of, ...more } = typeof pod === 'string' ? { name: pod } : pod;
    return { addresses: [ADDRESSES[family][of]], nodeName: NODE_OF[of] ?? of, conditions: { ready: true }, ...more };
  });
  const { name: owner, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${owner}-${family}-${name}`, labels: { 'kubernetes.io/service-name': owner } },
    addressType: `IPv${family}`,
    ports,
    endpoints,
  };
}

/** Asks, and gives the pods that have answered, each once, as `NAME:PORT`; who was silent, as the error. */
async function answering(address, { client = 'cl', port = 80, times = 16, protocol = 'tcp', waitMs } = {}) {
  const answers = await network.ask(client, {
    ...{ protocol, address, port, times, waitMs },
    atOnce: 4,
    stopsAtError: true,
  });
  const names = Object.fromEntries(FAMILIES.flatMap((f) => Object.entries(ADDRESSES[f]).map(([k, v]) => [v, k])));
  const found = answers.map(({ self, port: at, error }) => error ?? `${names[self]}:${at}`);
  return [...new Set(found)].sort();
}

for (const mode of MODES)
  describe(mode, { skip }, () => {
    for (const family of FAMILIES) {
      test(`a named port may have another number in each slice (IPv${family})`, async () => {
        const web = serviceOf();
        const slices = [
          sliceOf(web, family, ['p1']),
          sliceOf(web, family, ['p2'], { name: 'b', ports: [{ name: 'http', port: 9090, protocol: 'TCP' }] }),
        ];
        assert.deepEqual(nodes.serve(web.service, slices, { mode }), []);
        assert.deepEqual(await answering(web.addresses[family]), ['p1:8080', 'p2:9090']);
      });

      const tells = family === 4 || mode !== 'dsr-ipip' ? false : 'an outer header of IPv6 carries no port here';
      test(`two ports of one pod are told apart (IPv${family})`, { skip: tells }, async () => {
        const web = serviceOf();
        const slices = [
          sliceOf(web, family, ['p1']),
          sliceOf(web, family, ['p1'], { name: 'b', ports: [{ name: 'http', port: 9090, protocol: 'TCP' }] }),
        ];
        nodes.serve(web.service, slices, { mode });
        assert.deepEqual(await answering(web.addresses[family], { times: 24 }), ['p1:8080', 'p1:9090']);
      });

      test(`two ports of a Service lead to one of the pod, and answer each as itself (IPv${family})`, async () => {
        const ports = [
          { name: 'http', port: 80, protocol: 'TCP' },
          { name: 'https', port: 443, protocol: 'TCP' },
        ];
        const web = serviceOf({ ports });
        const own = ports.map(({ name }) => ({ name, port: 8080, protocol: 'TCP' }));
        nodes.serve(web.service, [sliceOf(web, family, ['p1', 'p2'], { ports: own })], { mode });
        for (const port of [80, 443, 80])
          assert.deepEqual(await answering(web.addresses[family], { port }), ['p1:8080', 'p2:8080']);
      });

      test(`a pod in its node's network is a backend (IPv${family})`, async () => {
        const web = serviceOf();
        const ports = [{ name: 'http', port: 7070, protocol: 'TCP' }];
        nodes.serve(web.service, [sliceOf(web, family, ['n1'], { ports })], { mode });
        assert.deepEqual(await answering(web.addresses[family]), ['n1:7070']);
      });

      test(`a node port is served at the nodes' addresses, and at no others (IPv${family})`, async () => {
        const nodePort = 30_000 + made;
        const web = serviceOf({
          spec: { type: 'NodePort' },
          ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort }],
        });
        nodes.serve(web.service, [sliceOf(web, family, ['p1', 'p2'])], { mode });
        for (const node of ['lb', 'n1', 'n2'])
          assert.deepEqual(await answering(ADDRESSES[family][node], { port: nodePort }), ['p1:8080', 'p2:8080'], node);
        const beside = family === 4 ? '10.244.1.1' : 'fd00:244:1::1';
        assert.deepEqual(await answering(beside, { port: nodePort, times: 1 }), ['ECONNREFUSED']);
      });

      test(`only clients of the source ranges are let in (IPv${family})`, async () => {
        const range = family === 4 ? '10.1.0.0/24' : 'fd00:1::/64';
        const web = serviceOf({ spec: { type: 'LoadBalancer', loadBalancerSourceRanges: [range] }, ingress: true });
        nodes.serve(web.service, [sliceOf(web, family, ['p1', 'p2'])], { mode });
        const at = web.balanced[family];
        assert.deepEqual(await answering(at), ['p1:8080', 'p2:8080']);
        const before = nodes.counters('lb').drop_source_range;
        assert.deepEqual(await answering(at, { client: 'cl2', times: 1, waitMs: SILENT_MS }), ['no answer']);
        assert.ok(nodes.counters('lb').drop_source_range > before);
      });
    }

    test('of a Service with two families each has the backends of its own', async () => {
      const web = serviceOf();
      nodes.serve(web.service, [sliceOf(web, 4, ['p1']), sliceOf(web, 6, ['p2'])], { mode });
      assert.deepEqual(await answering(web.addresses[4]), ['p1:8080']);
      assert.deepEqual(await answering(web.addresses[6]), ['p2:8080']);
    });

    test('endpoints of the zone are preferred, where hints say so', async () => {
      const web = serviceOf({ spec: { trafficDistribution: 'PreferClose' } });
      const hinted = (name, zone) => ({ name, zone, hints: { forZones: [{ name: zone }] } });
      const slice = sliceOf(web, 4, [hinted('p1', 'a'), hinted('p2', 'b')]);
      nodes.serve(web.service, [slice], { mode, zones: { lb: 'b', n1: 'a', n2: 'b' } });
      assert.deepEqual(await answering(web.addresses[4]), ['p2:8080']);
    });

    test('endpoints that end get new flows where there are no others', async () => {
      const web = serviceOf();
      const ending = { name: 'p1', conditions: { ready: false, serving: true, terminating: true } };
      nodes.serve(web.service, [sliceOf(web, 4, [ending, 'p2'])], { mode });
      assert.deepEqual(await answering(web.addresses[4]), ['p2:8080']);
      nodes.serve(web.service, [sliceOf(web, 4, [ending])], { mode });
      assert.deepEqual(await answering(web.addresses[4]), ['p1:8080']);
    });
  });

describe('external traffic policy Local', { skip }, () => {
  const local = () => serviceOf({ spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }, ingress: true });

  for (const family of FAMILIES)
    test(`only pods of the node that takes a request get it, and see its client (IPv${family})`, async () => {
      const web = local();
      nodes.serve(web.service, [sliceOf(web, family, ['p1', 'p2', 'p3'])], { mode: 'snat' });
      network.routeFrontends('n1');
      try {
        assert.deepEqual(await answering(web.balanced[family], { times: 24 }), ['p1:8080', 'p3:8080']);
        const [{ peer }] = await network.ask('cl', { protocol: 'tcp', address: web.balanced[family], port: 80 });
        assert.equal(peer, ADDRESSES[family].cl);
      } finally {
        network.routeFrontends('lb');
      }
    });

  test('a node that has none drops the request, and counts it', async () => {
    const web = local();
    nodes.serve(web.service, [sliceOf(web, 4, ['p1', 'p2'])]);
    const before = nodes.counters('lb').drop_no_backend;
    assert.deepEqual(await answering(web.balanced[4], { times: 1, waitMs: SILENT_MS }), ['no answer']);
    assert.ok(nodes.counters('lb').drop_no_backend > before);
  });
});

describe('internal traffic policy Local', { skip }, () => {
  for (const family of FAMILIES)
    test(`a pod reaches those of its own node, and nobody where there is none (IPv${family})`, async () => {
      const web = serviceOf({ spec: { internalTrafficPolicy: 'Local' } });
      nodes.serve(web.service, [sliceOf(web, family, ['p1'])]);
      const at = web.addresses[family];
      assert.deepEqual(await answering(at, { client: 'p3' }), ['p1:8080']);
      const before = nodes.counters('n2').drop_no_backend;
      assert.deepEqual(await answering(at, { client: 'p2', times: 1, waitMs: SILENT_MS }), ['no answer']);
      assert.ok(nodes.counters('n2').drop_no_backend > before);
    });
});
