// `nekube lb agent --cgroup`: a node's own processes have their backends at connect time, also when the agent was killed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from 'nekube/envtest';
import { Agents } from './agents.mjs';
import { TestCgroup, whyNoCgroup } from './cgroup.mjs';
import { whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot() || whyNoCgroup();
const of = ADDRESSES[4];
const asked = { protocol: 'udp', address: of.frontend, port: 53 };

let env;
let network;
let agents;
let cgroup;

before(async () => {
  if (skip) return;
  env = await start({ level: 'envtest', name: 'sockets of a node' });
  network = new Topology();
  cgroup = new TestCgroup();
  agents = new Agents(network, env.kubeconfig());
  const node = await env.client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  node.status = { addresses: [{ type: 'InternalIP', address: of.n1 }] };
  await env.client.update(node, { subresource: 'status' });
  const [name, protocol] = ['names', 'UDP'];
  await env.client.create({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' } },
    spec: { ports: [{ name: 'main', port: asked.port, targetPort: 8080, protocol }], externalIPs: [of.frontend] },
  });
  await env.client.create({
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    ports: [{ name: 'main', port: 8080, protocol }],
    endpoints: [{ addresses: [of.p2], nodeName: 'n2' }],
  });
  await network.serve('p2', 8080);
});

after(async () => {
  await agents?.close();
  await network?.close();
  await env?.stop();
  cgroup?.remove();
});

test('the node’s own processes reach Services, also while no agent runs, until one is told not to', {
  skip,
}, async () => {
  const agent = await agents.start('n1', '--cgroup', cgroup.folder);
  const flow = await cgroup.begin(() => network.open('n1', { ...asked, unconnected: true }));
  const isServed = async (isIt = true) => {
    const [answer] = await network.ask('n1', { ...asked, waitMs: isIt ? 20_000 : 300 });
    assert.equal(answer.error === undefined && answer.from === of.frontend, isIt, JSON.stringify(answer));
  };
  await isServed();
  assert.equal((await flow.say()).peer, of.n1);
  await agent.end('SIGKILL');
  await isServed();
  assert.equal((await flow.say()).from, of.frontend);
  const second = await agents.start('n1', '--cgroup', cgroup.folder);
  assert.equal((await flow.say()).from, of.frontend);
  await second.end('SIGTERM');
  await isServed();
  await agents.start('n1');
  await isServed(false);
  await flow.shut();
});
