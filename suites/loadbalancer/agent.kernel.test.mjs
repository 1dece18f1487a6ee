// `nekube lb agent` on the nodes of a network, with the Services of a real API server: it comes and goes, traffic stays.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { kernel } from 'nekube/bpf';
import { start } from 'nekube/envtest';
import { Agents } from './agents.mjs';
import { whyNot } from './nodes.mjs';
import { ADDRESSES, NODE_OF, Topology } from './topology.mjs';

const skip = whyNot();
const NODES = ['lb', 'n1', 'n2'];
const address = ADDRESSES[4].frontend;
const MODE = ['--mode', 'dsr-ipip'];

let env;
let network;
let agents;
/** The processes of now, by their nodes. */
const running = {};

before(async () => {
  if (skip) return;
  env = await start({ level: 'envtest', name: 'agents of the load balancer' });
  network = new Topology();
  agents = new Agents(network, env.kubeconfig());
  for (const name of NODES) await addNode(name);
  await addService('web', { port: 80 });
  for (const pod of ['p1', 'p2']) await network.serve(pod, 8080);
  await Promise.all(NODES.map(async (name) => (running[name] = await agents.start(name, ...MODE))));
});

// one that has died fails the test in which it did, and not all that come after
beforeEach(async () => {
  for (const name of NODES) if (running[name]?.hasEnded) running[name] = await agents.start(name, ...MODE);
});

after(async () => {
  await agents?.close();
  await network?.close();
  await env?.stop();
});

async function addNode(name) {
  const node = await env.client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  node.status = { addresses: [4, 6].map((family) => ({ type: 'InternalIP', address: ADDRESSES[family][name] })) };
  await env.client.update(node, { subresource: 'status' });
}

/** A Service at the frontend's address from outside, with the pods. */
async function addService(
  name,
  { port, pods = ['p1', 'p2'], protocol = 'TCP', annotations = {}, externalIPs = [address] },
) {
  const ports = [{ name: 'main', port, targetPort: 8080, protocol }];
  await env.client.create({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', annotations } },
    spec: { ports, externalIPs },
  });
  await env.client.create(sliceOf(name, pods, protocol));
}

function sliceOf(name, pods, protocol = 'TCP') {
  return {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    ports: [{ name: 'main', port: 8080, protocol }],
    endpoints: pods.map((pod) => ({ addresses: [ADDRESSES[4][pod]], nodeName: NODE_OF[pod] })),
  };
}

// what is looked at by a command, which has to start first: on a busy machine again and again for many seconds
const eventually = (check) => env.eventually(check, { timeoutMs: 180_000 });
const ask = async (port, more = {}) => (await network.ask('cl', { protocol: 'tcp', address, port, ...more }))[0];

async function isServed(port) {
  await eventually(async () => {
    const { error, peer } = await ask(port);
    assert.deepEqual([error, peer], [undefined, ADDRESSES[4].cl]);
  });
}

async function events(name) {
  const all = await env.client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'default' });
  return all.items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
}

test('the first that is said is how large packets may be', { skip }, () => {
  assert.match(
    running.lb.log,
    /packets of 1500 bytes leave by eth0: dsr-ipip takes 20 with IPv4, which leaves 1480 \(MSS 1440\)/,
  );
});

test('a Service is served at once, and listed with what clients have sent', { skip }, async () => {
  await isServed(80);
  const { stdout } = await agents.run('lb', 'list', '--pins', agents.pins('lb'), '-o', 'json');
  const shown = JSON.parse(stdout).find((one) => one.address === address && one.port === 80);
  assert.deepEqual(
    [shown.name, shown.mode, shown.backends.map((one) => `${one.address}:${one.port}`).sort()],
    ['default/web:main', 'dsr-ipip', ['10.244.1.10:8080', '10.244.2.10:8080']],
  );
  assert.ok(shown.traffic.packets >= 4 && shown.traffic.bytes > 200, JSON.stringify(shown.traffic));
  const { stdout: table } = await agents.run('lb', 'list', '--pins', agents.pins('lb'));
  assert.match(
    table,
    /^tcp 10\.96\.0\.10:80 +outside +dsr-ipip +\d+ +\d+ +10\.244\.1\.10:8080, 10\.244\.2\.10:8080 +default\/web:main$/m,
  );
});

test('metrics count packets by frontend and by what became of them', { skip }, async () => {
  await isServed(80);
  assert.ok((await agents.metric('lb', 'nekube_lb_packets_total{what="forwarded_ipip"}')) > 0);
  const labels = `service="default/web:main",address="${address}",port="80",protocol="TCP",scope="outside"`;
  assert.ok((await agents.metric('lb', `nekube_lb_frontend_packets_total{${labels}}`)) > 0);
  assert.equal(await agents.metric('lb', 'nekube_lb_map_capacity{map="services"}'), 1024);
  assert.equal((await agents.get('lb', '/healthz')).trim(), 'ok');
});

// an agent's start takes seconds: the kernel reads its programs
for (const [signal, names] of [
  ['SIGKILL', NODES],
  ['SIGTERM', ['lb']],
])
  test(`${signal}: flows go on without an agent and with the next, which has nothing to write`, { skip }, async () => {
    await isServed(80);
    const flow = await network.open('cl', { protocol: 'tcp', address, port: 80 });
    const { self } = await flow.say();
    for (const name of names) await running[name].end(signal);
    assert.equal((await flow.say()).self, self);
    assert.equal((await ask(80)).error, undefined);
    await Promise.all(names.map(async (name) => (running[name] = await agents.start(name, ...MODE))));
    for (const name of names) assert.equal(await agents.metric(name, 'nekube_lb_written_entries_total'), 0, name);
    assert.equal((await flow.say()).self, self);
    await flow.shut();
  });

test('programs are replaced in the midst of a transfer', { skip }, async () => {
  await isServed(80);
  const transfer = ask(80, { bytes: 20_000_000, download: 20_000_000 });
  for (const name of NODES) {
    await running[name].end('SIGKILL');
    running[name] = await agents.start(name, ...MODE, '--mtu', '1400');
  }
  const { error, isWhole } = await transfer;
  assert.deepEqual([error, isWhole], [undefined, true]);
});

test('what changed while there was no agent is in the maps with the next one', { skip }, async () => {
  await running.lb.end('SIGKILL');
  await addService('later', { port: 81 });
  running.lb = await agents.start('lb', ...MODE);
  await isServed(81);
  await env.client.delete({ apiVersion: 'v1', kind: 'Service' }, { namespace: 'default', name: 'later' });
  await eventually(async () => assert.ok((await ask(81, { waitMs: 300 })).error));
});

test('a second agent of a node is refused', { skip }, async () => {
  const words = ['agent', '--kubeconfig', agents.kubeconfig, '--node', 'lb', '--pins', agents.pins('lb')];
  const { code, stderr } = await agents.run('lb', ...words, '--metrics-address', '127.0.0.1:0');
  assert.equal(code, 2);
  assert.match(stderr, /^error: Another agent of this node has /m);
});

test('what cannot be served is told by events of the Service, and others are served', { skip }, async () => {
  await addService('signals', { port: 90, protocol: 'SCTP' });
  await addService('odd', { port: 91, annotations: { 'loadbalancer.nekube.dev/mode': 'dsr' } });
  await eventually(async () => {
    assert.match((await events('signals')).join('\n'), /^ProtocolNotSupported: port default\/signals:main is of SCTP/m);
    assert.match(
      (await events('odd')).join('\n'),
      /^ModeFallback: annotation loadbalancer\.nekube\.dev\/mode must be one of/m,
    );
  });
  await isServed(91);
});

test('drops are told with their reasons', { skip }, async () => {
  await addService('guarded', { port: 92 });
  const service = await env.client.get(
    { apiVersion: 'v1', kind: 'Service' },
    { namespace: 'default', name: 'guarded' },
  );
  service.spec.type = 'LoadBalancer';
  service.spec.loadBalancerSourceRanges = ['192.0.2.0/24'];
  await env.client.update(service);
  service.status = { loadBalancer: { ingress: [{ ip: '10.96.0.77' }] } };
  const { metadata } = await env.client.get(
    { apiVersion: 'v1', kind: 'Service' },
    { namespace: 'default', name: 'guarded' },
  );
  await env.client.update({ ...service, metadata }, { subresource: 'status' });
  await eventually(async () => {
    await ask(92, { address: '10.96.0.77', waitMs: 200 });
    const drops = JSON.parse(await agents.get('lb', '/drops'));
    assert.ok(
      drops.some(
        ({ reason, destination, service }) =>
          `${reason} ${destination} ${service}` === 'drop_source_range 10.96.0.77:92 default/guarded:main',
      ),
    );
  });
  await running.lb.said(/tcp 10\.1\.0\.2:\d+ > 10\.96\.0\.77:92: drop_source_range, of default\/guarded:main/);
  const labels = 'service="default/guarded:main",reason="source_range"';
  assert.ok((await agents.metric('lb', `nekube_lb_service_dropped_packets_total{${labels}}`)) > 0);
});

test('a Service that changes all the time leaves others alone, and ends as it was last', { skip }, async () => {
  await addService('restless', { port: 93 });
  await isServed(93);
  const flow = await network.open('cl', { protocol: 'tcp', address, port: 80 });
  const { self } = await flow.say();
  const key = { namespace: 'default', name: 'restless-1' };
  const slice = await env.client.get({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, key);
  let { resourceVersion } = slice.metadata;
  for (let i = 0; i < 300; i++) {
    const { endpoints } = sliceOf('restless', i % 2 ? ['p1'] : ['p2']);
    const metadata = { ...slice.metadata, resourceVersion };
    ({ resourceVersion } = (await env.client.update({ ...slice, metadata, endpoints })).metadata);
  }
  assert.equal((await flow.say()).self, self);
  await flow.shut();
  await eventually(async () => {
    const { stdout } = await agents.run('lb', 'list', '--pins', agents.pins('lb'), '-o', 'json');
    const [shown] = JSON.parse(stdout).filter(
      ({ name, address: at }) => name === 'default/restless:main' && at === address,
    );
    assert.deepEqual(
      shown.backends.map((one) => one.address),
      [ADDRESSES[4].p1],
    );
  });
});

test('a packet is followed by what the maps hold, and reaches the pod that it reaches in the network', {
  skip,
}, async () => {
  await isServed(80);
  const words = ['trace', '--pins', agents.pins('lb'), '-o', 'json', 'tcp 10.1.0.2:4000 > 10.96.0.10:80'];
  const { code, stdout } = await agents.run('lb', ...words);
  const { frontend, backend, steps } = JSON.parse(stdout);
  assert.deepEqual([code, frontend.name, steps.at(-1).counters], [0, 'default/web:main', { replied_direct: 1 }]);
  assert.ok([ADDRESSES[4].p1, ADDRESSES[4].p2].includes(backend.address));
});

test('top shows where traffic goes', { skip }, async () => {
  await isServed(80);
  let isOver = false;
  const words = ['top', '--pins', agents.pins('lb'), '-o', 'json', '--interval', '1s', '--rounds', '1'];
  const shown = agents.run('lb', ...words).finally(() => (isOver = true));
  while (!isOver) await ask(80, { times: 5 });
  const { frontends, counters } = JSON.parse((await shown).stdout);
  assert.ok(frontends.some(({ name, packetsPerSecond }) => name === 'default/web:main' && packetsPerSecond > 1));
  assert.ok(counters.forwarded_ipip > 1);
});

/** Slices with so many endpoints that there are not. */
async function addCrowd(name, port, count) {
  await addService(name, { port, pods: [] });
  for (let slice = 0; slice < count / 1000; slice++) {
    const endpoints = Array.from({ length: 1000 }, (_, i) => ({
      addresses: [`10.${port}.${4 * slice + (i >> 8)}.${i & 255}`],
      nodeName: 'n2',
    }));
    const { metadata, ...more } = sliceOf(name, []);
    await env.client.create({ ...more, metadata: { ...metadata, name: `${name}-${slice + 2}` }, endpoints });
  }
}

async function removeCrowd(name, count) {
  await env.client.delete({ apiVersion: 'v1', kind: 'Service' }, { namespace: 'default', name });
  for (let slice = 1; slice <= 1 + count / 1000; slice++)
    await env.client.delete(
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      { namespace: 'default', name: `${name}-${slice}` },
    );
}

/** How many backends the frontend of a Service has in the maps of a node. */
async function backendsIn(node, port) {
  const { stdout } = await agents.run(node, 'list', '--pins', agents.pins(node), '-o', 'json');
  return JSON.parse(stdout).find((one) => one.address === address && one.port === port)?.backends.length;
}

test('a Service of thousands of endpoints, and one for which there is no room, leave others alone', {
  skip,
}, async () => {
  await isServed(80);
  const flow = await network.open('cl', { protocol: 'tcp', address, port: 80 });
  const { self } = await flow.say();
  await addCrowd('crowd', 94, 3000);
  await eventually(async () => assert.equal(await backendsIn('lb', 94), 3000));
  await eventually(async () =>
    assert.match((await events('crowd')).join('\n'), /^NoRoom: default\/crowd:main has its backends by chance/m),
  );
  await addCrowd('flood', 95, 2000);
  await eventually(async () =>
    assert.match((await events('flood')).join('\n'), /^NoRoom: .*the map of backends is full, with 4096 entries/m),
  );
  assert.equal((await flow.say()).self, self);
  await isServed(80);
  assert.equal((await agents.get('lb', '/healthz')).trim(), 'ok');
  await removeCrowd('crowd', 3000);
  // what the one has left is room for the other
  await eventually(async () => assert.equal(await backendsIn('lb', 95), 2000));
  await removeCrowd('flood', 2000);
  assert.equal((await flow.say()).self, self);
  await flow.shut();
});

test('endpoints of a family that the Service has not are not its backends', { skip }, async () => {
  await addService('four', { port: 96, pods: ['p1'] });
  const { metadata, ...more } = sliceOf('four', []);
  const endpoints = [{ addresses: [ADDRESSES[6].p2], nodeName: 'n2' }];
  const six = { ...more, addressType: 'IPv6', metadata: { ...metadata, name: 'four-6' }, endpoints };
  await env.client.create(six);
  await isServed(96);
  await eventually(async () => assert.equal(await backendsIn('lb', 96), 1));
});

test('an API server that does not answer is told in a line, and what is attached serves on', { skip }, async () => {
  await isServed(80);
  const unheard = await agents.withoutApi('lb', async () => {
    await running.lb.said(/WARN  The API server https:\S+ does not answer: .*; packets are balanced as before/);
    return (await ask(80)).error;
  });
  assert.equal(unheard, undefined);
  await running.lb.said(/INFO  The API server answers again/);
  assert.doesNotMatch(running.lb.log, /\n +at .*\.js:/);
});

test('a device that goes and comes again by its name gets its programs again', { skip }, async () => {
  await isServed(80);
  network.replug('lb');
  network.routeFrontends('lb');
  await isServed(80);
  await eventually(async () => assert.equal((await agents.get('lb', '/healthz')).trim(), 'ok'));
});

test('--dry-run says what would be, and attaches nothing', { skip }, async () => {
  const words = [
    'agent',
    '--kubeconfig',
    agents.kubeconfig,
    '--node',
    'cl',
    '--pins',
    agents.pins('cl'),
    ...MODE,
    '--dry-run',
  ];
  const { code, stdout } = await agents.run('cl', ...words);
  assert.equal(code, 0);
  assert.match(stdout, /^node cl: dsr-ipip, maglev; maps and links at /);
  assert.match(stdout, /^tcp 10\.96\.0\.10:80 +outside +dsr-ipip/m);
  assert.match(stdout, /^lb4_request +tcx ingress +network +\d+$/m);
  const { stdout: json } = await agents.run('cl', ...words, '-o', 'json');
  const plan = JSON.parse(json);
  assert.deepEqual(plan.devices, ['eth0']);
  assert.ok(
    plan.maps
      .find(({ name }) => name === 'services4')
      .entries.some(({ key }) => key.address === address && key.port === 80),
  );
  assert.ok(plan.programs.every(({ listing }) => listing.length > 10));
  assert.equal(existsSync(agents.pins('cl')), false);
});

test('after uninstall there is nothing: no program, no map, no folder', { skip }, async () => {
  const refused = await agents.run('n2', 'uninstall', '--pins', agents.pins('n2'));
  assert.equal(refused.code, 2, 'while the agent runs');
  await running.n2.end('SIGTERM');
  const { code, stdout } = await agents.run('n2', 'uninstall', '--pins', agents.pins('n2'));
  assert.equal(code, 0);
  assert.match(stdout, /^detached \d+ programs, removed \d+ maps$/m);
  const left = kernel.inNamespace(network.namespace('n2'), () =>
    ['tcx_ingress', 'tcx_egress'].flatMap((type) =>
      ['eth0', 'p2'].flatMap((device) => kernel.attachedPrograms(device, type)),
    ),
  );
  assert.deepEqual(left, []);
  assert.equal(existsSync(agents.pins('n2')), false);
  assert.match((await agents.run('n2', 'uninstall', '--pins', agents.pins('n2'))).stdout, /^nothing is pinned at /);
});
