import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { HeaderList } from '../http/header-list.ts';
import { routeTo } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { eventually, startBackend, startWorld } from '../testing/world.ts';
import { codingFor, isCompressible } from './negotiate.ts';

test('the coding is what the client likes best, and of equals what is preferred here', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['gzip, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['zstd', undefined],
    ['GZIP;Q=0.1', 'gzip'],
    ['gzip;q=nonsense', undefined],
  ];
  for (const [accepted, coding] of cases)
    assert.equal(codingFor(['Zstd', 'Brotli', 'Gzip'], accepted), coding, accepted);
});

test('what may be compressed', () => {
  const cases: readonly (readonly [number, readonly string[], boolean])[] = [
    [200, [], true],
    [200, ['content-type', 'text/html; charset=utf-8', 'content-length', '30'], true],
    [200, ['content-length', '29'], false],
    [200, ['content-type', 'image/png'], false],
    [200, ['content-type', 'application/grpc'], false],
    [200, ['content-encoding', 'gzip'], false],
    [200, ['cache-control', 'private, no-transform'], false],
    [206, [], false],
    [101, [], false],
  ];
  for (const [status, flat, expected] of cases) {
    assert.equal(
      isCompressible({ status, headers: new HeaderList([...flat]) }),
      expected,
      `${status} ${flat.join(' ')}`,
    );
  }
});

test('answers are compressed for who accepts it, with all that is said of them', async (t) => {
  const text = 'all work and no play '.repeat(20_000);
  const backend = await startBackend(t, 'a', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', etag: '"1"', 'content-length': text.length });
    response.end(text);
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { settings: { compression: ['Brotli', 'Gzip'] } })],
    backends: [{ name: 'a', ports: [backend] }],
  });
  for (const [coding, open] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const { headers, body } = await bytesOf(port, coding);
    assert.equal(headers['content-encoding'], coding);
    assert.equal(headers['vary'], 'Accept-Encoding');
    assert.equal(headers['etag'], undefined);
    assert.equal(headers['content-length'], undefined);
    assert.equal(open(body).toString(), text);
  }
  const plain = await bytesOf(port, 'identity');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(plain.headers['vary'], 'Accept-Encoding');
  assert.equal(plain.body.toString(), text);
});

test('a part of a compressed answer comes at once, and a client that goes away ends it at the backend', async (t) => {
  let gone = false;
  const backend = await startBackend(t, 'a', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('the first part');
    response.on('close', () => {
      gone = true;
    });
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { settings: { compression: ['Gzip'] } })],
    backends: [{ name: 'a', ports: [backend] }],
  });
  const client = rawClient(t, port);
  client.send('GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n');
  await client.until('\r\n\r\n');
  await eventually(() => client.received.length > 14);
  client.socket.destroy();
  await eventually(() => gone);
});

function bytesOf(port: number, accepted: string): Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, headers: { 'accept-encoding': accepted }, agent: false };
    const asked = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
