import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPlan } from '../pods/address-plan.ts';
import { PrivatePorts } from '../pods/private-ports.ts';
import { VirtualNetwork } from './virtual-network.ts';

const pod = { namespace: 'default', name: 'web', uid: 'u', node: 'node', hostNetwork: false, ports: [] };

function newNetwork(): VirtualNetwork {
  return new VirtualNetwork({ plan: new AddressPlan(), ports: new PrivatePorts(0.5), reason: 'test' });
}

test('processes are told the private port of each port, and it is dialled', async () => {
  const network = newNetwork();
  const ports = [
    { containerPort: 8080, name: 'http-web', variable: 'PORT' },
    { containerPort: 53, protocol: 'UDP' as const },
  ];
  const { ips, environment, dial } = await network.attach({ ...pod, ports, addressVariable: 'HOST' });
  assert.deepEqual(ips, ['10.244.0.2']);
  const { port } = await dial(8080);
  assert.deepEqual(environment, {
    POD_IP: '10.244.0.2',
    NEKUBE_LISTEN_ADDRESS: '127.0.0.1',
    HOST: '127.0.0.1',
    NEKUBE_PORT_8080: String(port),
    NEKUBE_PORT_HTTP_WEB: String(port),
    PORT: String(port),
    NEKUBE_PORT_53: String(network.reach('10.244.0.2', 53, 'UDP').port),
  });
  assert.notEqual(port, 8080);
  await network.close();
});

test('two pods with the same port have different places', async () => {
  const network = newNetwork();
  const ports = [{ containerPort: 80 }];
  const [a, b] = [await network.attach({ ...pod, ports }), await network.attach({ ...pod, ports })];
  assert.notDeepEqual(await a.dial(80), await b.dial(80));
  await network.close();
});

test('a pod on the host network is where its ports are', async () => {
  const network = newNetwork();
  const attachment = await network.attach({ ...pod, hostNetwork: true, ports: [{ containerPort: 80 }] });
  assert.deepEqual(attachment.ips, ['127.0.0.1']);
  assert.deepEqual(await attachment.dial(80), { host: '127.0.0.1', port: 80 });
  await network.close();
});

test('an address that is nobody’s is reached as it is, also after its pod is gone', async () => {
  const network = newNetwork();
  const attachment = await network.attach({ ...pod, ports: [{ containerPort: 80 }] });
  await attachment.release();
  await attachment.release();
  assert.deepEqual(network.reach('10.244.0.2', 80), { host: '10.244.0.2', port: 80 });
  assert.deepEqual(network.reach('192.0.2.1', 80), { host: '192.0.2.1', port: 80 });
});

test('an address of a service is at the same place for who asks and who listens, until nobody listens', async () => {
  const network = newNetwork();
  const [ip, port] = ['10.0.0.7', 80];
  const told = await network.serviceEndpoint(ip, port);
  const [tcp, udp] = [await network.placeOfService({ ip, port }), await network.placeOfService({ ip, port })];
  assert.deepEqual([told, tcp, udp], [tcp, tcp, tcp]);
  assert.equal(told.host, '127.0.0.1');
  await network.giveServicePlaceBack({ ip, port }, tcp);
  assert.deepEqual(await network.serviceEndpoint(ip, port), tcp);
  await network.giveServicePlaceBack({ ip, port }, udp);
  assert.notDeepEqual(await network.serviceEndpoint(ip, port), tcp);
});
