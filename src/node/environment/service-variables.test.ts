import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceVariables } from './service-variables.ts';

const web = {
  metadata: { namespace: 'default', name: 'my-web' },
  spec: {
    clusterIP: '10.0.0.7',
    ports: [
      { name: 'http', port: 80 },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  },
};

test('a process is told where its services are', async () => {
  const asIs = { serviceEndpoint: async (host: string, port: number) => ({ host, port }) };
  assert.deepEqual(await serviceVariables([web], asIs), {
    MY_WEB_SERVICE_HOST: '10.0.0.7',
    MY_WEB_SERVICE_PORT: '80',
    MY_WEB_SERVICE_PORT_HTTP: '80',
    MY_WEB_SERVICE_PORT_DNS: '53',
    MY_WEB_PORT: 'tcp://10.0.0.7:80',
    MY_WEB_PORT_80_TCP: 'tcp://10.0.0.7:80',
    MY_WEB_PORT_80_TCP_PROTO: 'tcp',
    MY_WEB_PORT_80_TCP_PORT: '80',
    MY_WEB_PORT_80_TCP_ADDR: '10.0.0.7',
    MY_WEB_PORT_53_UDP: 'udp://10.0.0.7:53',
    MY_WEB_PORT_53_UDP_PROTO: 'udp',
    MY_WEB_PORT_53_UDP_PORT: '53',
    MY_WEB_PORT_53_UDP_ADDR: '10.0.0.7',
  });
});

test('where addresses of services are elsewhere, the names of variables are the same', async () => {
  const places = { serviceEndpoint: async (_: string, port: number) => ({ host: '127.0.0.1', port: 20_000 + port }) };
  const told = await serviceVariables([web], places);
  assert.equal(`${told.MY_WEB_SERVICE_HOST}:${told.MY_WEB_SERVICE_PORT}`, '127.0.0.1:20080');
  assert.equal(told.MY_WEB_PORT_80_TCP, 'tcp://127.0.0.1:20080');
  assert.equal(told.MY_WEB_PORT_80_TCP_PORT, '20080');
});

test('services without an address are not told of', async () => {
  const places = { serviceEndpoint: async (host: string, port: number) => ({ host, port }) };
  const without = ['', 'None'].map((clusterIP) => ({ ...web, spec: { ...web.spec, clusterIP } }));
  assert.deepEqual(await serviceVariables(without, places), {});
});
