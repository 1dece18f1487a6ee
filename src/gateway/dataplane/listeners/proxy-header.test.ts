import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { plainChain, routeTo, SOURCE } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { listen, startBackend, startWorld } from '../testing/world.ts';
import { type ProxiedAddresses, proxyHeader, readProxyHeader } from './proxy-header.ts';

const V4: ProxiedAddresses = {
  source: { address: '203.0.113.7', port: 4711 },
  destination: { address: '192.0.2.1', port: 443 },
};
const V6: ProxiedAddresses = {
  source: { address: '2001:db8::7', port: 4711 },
  destination: { address: '2001:db8::', port: 443 },
};

test('headers of both versions are read as they were written, in pieces, too', () => {
  for (const version of ['V1', 'V2'] as const) {
    for (const addresses of [V4, V6]) {
      const bytes = proxyHeader(version, addresses);
      for (let i = 0; i < bytes.length; i++) {
        assert.deepEqual(readProxyHeader(bytes.subarray(0, i)), { type: 'more' }, `${version} ${i}`);
      }
      const more = Buffer.concat([bytes, Buffer.from('GET /')]);
      assert.deepEqual(readProxyHeader(more), { type: 'header', bytes: bytes.length, addresses });
    }
    const mixed = proxyHeader(version, { source: V4.source, destination: V6.destination });
    assert.deepEqual(readProxyHeader(mixed), { type: 'header', bytes: mixed.length });
  }
});

test('what is no header, and what is a wrong one', () => {
  const v2 = proxyHeader('V2', V4);
  const cases: readonly (readonly [Buffer | string, string])[] = [
    ['GET / HTTP/1.1\r\n', 'none'],
    ['\r\n\r\nX', 'none'],
    ['PROXY UNKNOWN anything\r\n', 'header'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n', 'bad'],
    ['PROXY TCP4 ::1 ::1 1 2\r\n', 'bad'],
    ['PROXY TCP4 1.2.3.4\r\n', 'bad'],
    [`PROXY TCP4 ${'1'.repeat(200)}`, 'bad'],
    [Buffer.concat([v2.subarray(0, 12), Buffer.from([0x31]), v2.subarray(13)]), 'bad'],
    [Buffer.concat([v2.subarray(0, 14), Buffer.from([0, 4, 1, 2, 3, 4])]), 'bad'],
  ];
  for (const [bytes, type] of cases) {
    assert.equal(readProxyHeader(typeof bytes === 'string' ? Buffer.from(bytes) : bytes).type, type, String(bytes));
  }
});

test('the client is who the PROXY header says; without one, or with a wrong one, a connection ends where it must have one', async (t) => {
  const backend = await startBackend(t, 'a');
  const parts = { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] };
  const { port, update } = await startWorld(t, { ...parts, settings: { proxyProtocol: 'Required' } });
  const request = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
  const said = async (first: Buffer | string): Promise<string> => {
    const client = rawClient(t, port);
    client.send(Buffer.concat([Buffer.from(first), Buffer.from(request)]));
    return client.end();
  };
  for (const version of ['V1', 'V2'] as const) {
    assert.match(await said(proxyHeader(version, V4)), /"x-forwarded-for":"203\.0\.113\.7"/);
  }
  assert.equal(await said(''), '');
  assert.equal(await said('PROXY TCP4 nonsense\r\n'), '');
  const half = rawClient(t, port);
  half.send('PROXY TC');
  half.socket.end();
  assert.equal(await half.end(), '');
  update({ ...parts, settings: { proxyProtocol: 'Optional' } });
  assert.match(await said(''), /"x-forwarded-for":"127\.0\.0\.1"/);
  assert.match(await said(proxyHeader('V1', V6)), /"x-forwarded-for":"2001:db8::7"/);
});

test('a backend of a stream is told who the client is', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', (chunk) => socket.end(chunk));
    socket.on('error', () => socket.destroy());
  });
  t.after(() => server.close());
  const backend = await listen(server);
  const stream = { name: 'tcp', source: SOURCE, backends: [{ weight: 1, backend: 'a', source: SOURCE }] };
  const { http: _, ...chain } = plainChain([]);
  const { port } = await startWorld(t, {
    chains: [{ ...chain, stream }],
    backends: [{ name: 'a', ports: [backend], settings: { proxyProtocol: 'V1' } }],
    settings: { proxyProtocol: 'Optional' },
  });
  const client = rawClient(t, port);
  client.send(Buffer.concat([proxyHeader('V2', V4), Buffer.from('hello')]));
  assert.match(await client.end(), /^PROXY TCP4 203\.0\.113\.7 192\.0\.2\.1 4711 443\r\n/);
});
