import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayConfig } from '../model/index.ts';
import { GATEWAY_NAME_LABEL, infrastructureName, infrastructureOf } from './infrastructure.ts';

const LONG = `${'a'.repeat(61)}.${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(61)}`;
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

test('what is made for a Gateway has the name GATEWAY-CLASS', () => {
  assert.equal(infrastructureName('shop', 'nekube'), 'shop-nekube');
});

test('names that no Service can have become others, each its own', () => {
  const names = [LONG, `${LONG.slice(0, -1)}e`, '1', 'a.b', 'a-b', `${'a'.repeat(46)}-.b`].map((name) =>
    infrastructureName(name, 'nekube'),
  );
  for (const name of names) assert.match(name, SERVICE_NAME);
  assert.equal(new Set(names).size, names.length, names.join());
});

test('the longest name of a Gateway is no label, and what is made for it has one all the same', () => {
  const listener = { name: 'http', port: 80, transport: 'TCP' };
  const config = { listeners: [listener] } as unknown as GatewayConfig;
  const labelOf = (name: string): string => {
    const made = infrastructureOf({ namespace: 'default', name, uid: 'u' }, 'nekube', config, [])!;
    return (made.service.metadata as { labels: Record<string, string> }).labels[GATEWAY_NAME_LABEL]!;
  };
  assert.equal(labelOf('a.b'), 'a.b');
  assert.match(labelOf(LONG), /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
  assert.notEqual(labelOf(LONG), labelOf(`${LONG.slice(0, -1)}e`));
});

test('a Service leads to the ports that are bound, also those of HTTP/3', () => {
  const https = {
    port: 443,
    bindPort: 20_001,
    transport: 'TCP',
    settings: { http3: true },
    chains: [{ tls: {}, http: {} }],
  };
  const plain = { port: 80, bindPort: 20_002, transport: 'TCP', settings: { http3: true }, chains: [{ http: {} }] };
  const config = { listeners: [plain, https] } as unknown as GatewayConfig;
  const owner = { namespace: 'default', name: 'web', uid: 'u', asked: [{ value: '203.0.113.7' }] };
  const exposure = { address: '10.0.0.5', loadBalancerClass: 'example.com/lb' };
  const { service, slice } = infrastructureOf(owner, 'nekube', config, [], exposure)!;
  assert.deepEqual(service.spec, {
    ports: [
      { name: 'tcp-80', port: 80, protocol: 'TCP', targetPort: 20_002 },
      { name: 'tcp-443', port: 443, protocol: 'TCP', targetPort: 20_001 },
      { name: 'udp-443', port: 443, protocol: 'UDP', targetPort: 20_001 },
    ],
    type: 'LoadBalancer',
    loadBalancerClass: 'example.com/lb',
    loadBalancerIP: '203.0.113.7',
  });
  assert.deepEqual(
    (slice.ports as { port: number }[]).map(({ port }) => port),
    [20_002, 20_001, 20_001],
  );
  assert.deepEqual(slice.endpoints, [{ addresses: ['10.0.0.5'], conditions: { ready: true } }]);
});
