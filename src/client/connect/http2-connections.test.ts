import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { Http2Connections } from './http2-connections.ts';

const { NGHTTP2_CANCEL } = constants;
const get = { method: 'GET', path: '/', headers: {}, body: null };

/** Connections to a server that begins an answer to every request, and ends none. */
async function withServer(
  use: (connections: Http2Connections, streams: readonly ServerHttp2Stream[]) => Promise<void>,
): Promise<void> {
  const server = createServer();
  const streams: ServerHttp2Stream[] = [];
  server.on('stream', (stream) => {
    streams.push(stream);
    stream.on('error', () => {});
    stream.respond({ ':status': 200 });
    stream.write('event');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connections = new Http2Connections({
    origin: `http://127.0.0.1:${port}`,
    open: async () => Object.assign(connect(port, '127.0.0.1'), { alpnProtocol: 'h2' }),
    fallback: () => assert.fail('the server speaks HTTP/2'),
  });
  try {
    await use(connections, streams);
  } finally {
    await connections.destroy(new Error('over'));
    await new Promise((resolve) => server.close(resolve));
  }
}

test('requests that are aborted in answer to an event are cancelled at the server, and fail with the reason', () =>
  withServer(async (connections, streams) => {
    const aborting = new AbortController();
    const asked = Array.from({ length: 3 }, () => connections.request({ ...get, signal: aborting.signal }));
    const bodies = (await Promise.all(asked)).map(({ body }) => body);
    const failures = bodies.map((body) => once(body, 'error'));
    bodies[1]!.once('data', () => aborting.abort(new Error('enough')));
    for (const [failure] of await Promise.all(failures)) assert.equal(failure.message, 'enough');
    await Promise.all(streams.map((stream) => stream.closed || once(stream, 'close')));
    assert.deepEqual(
      streams.map((stream) => stream.rstCode),
      [NGHTTP2_CANCEL, NGHTTP2_CANCEL, NGHTTP2_CANCEL],
    );
  }));

test('a body that is left before its end is cancelled at the server', () =>
  withServer(async (connections, streams) => {
    const { body } = await connections.request({ ...get, signal: null });
    for await (const chunk of body) {
      assert.equal(String(chunk), 'event');
      break;
    }
    if (!streams[0]!.closed) await once(streams[0]!, 'close');
    assert.equal(streams[0]!.rstCode, NGHTTP2_CANCEL);
  }));

test('connections that are ended in answer to an event are ended when that is read, with the reason', () =>
  withServer(async (connections, streams) => {
    const { body } = await connections.request({ ...get, signal: null });
    const failed = once(body, 'error');
    await once(body, 'data');
    const session = streams[0]!.session!;
    const closed = new Promise((resolve) => session.on('error', () => {}).once('close', resolve));
    const ended = connections.destroy(new Error('stopped'));
    assert.equal(body.destroyed, false);
    await ended;
    assert.equal((await failed)[0].message, 'stopped');
    await closed;
    await assert.rejects(connections.request({ ...get, signal: null }), /stopped/);
  }));
