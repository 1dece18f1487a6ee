import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { WebSocketChannels } from './channels.ts';
import { encodeWebSocketFrame, WebSocketError, type WebSocketEvent, WebSocketReader } from './frames.ts';
import { handshakeProblem, isWebSocketRequest, negotiateProtocol } from './handshake.ts';

const MASK = Buffer.from([1, 2, 3, 4]);

test('messages are read as they were sent, however the bytes come', () => {
  const message = fc.record({
    type: fc.constantFrom('text', 'binary', 'ping', 'pong'),
    data: fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array)),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (messages, step) => {
      const wire = Buffer.concat(messages.map(({ type, data }) => encodeWebSocketFrame(type as 'text', data, MASK)));
      const reader = new WebSocketReader(true);
      const events: WebSocketEvent[] = [];
      for (let at = 0; at < wire.length; at += step) events.push(...reader.read(wire.subarray(at, at + step)));
      assert.deepEqual(
        events.map((event) => [event.type === 'message' ? event.kind : event.type, event.data]),
        messages.map(({ type, data }) => [type, data]),
      );
    }),
  );
});

test('lengths of every form are read', () => {
  for (const length of [0, 125, 126, 65535, 65536, 100_000]) {
    const [event] = [...new WebSocketReader(true).read(encodeWebSocketFrame('binary', Buffer.alloc(length, 7), MASK))];
    assert.equal(event?.data.length, length);
  }
});

test('a message in pieces is one message, with what is in between', () => {
  const first = encodeWebSocketFrame('text', Buffer.from('one '), MASK);
  first[0] = 0x01;
  const last = encodeWebSocketFrame('text', Buffer.from('two'), MASK);
  last[0] = 0x80;
  const between = encodeWebSocketFrame('ping', Buffer.from('?'), MASK);
  const events = [...new WebSocketReader(true).read(Buffer.concat([first, between, last]))];
  assert.deepEqual(
    events.map(({ type, data }) => `${type} ${data}`),
    ['ping ?', 'message one two'],
  );
});

const hostile: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['without a mask', encodeWebSocketFrame('text', Buffer.from('a'))],
  ['with reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
  ['of an unknown kind', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
  ['that goes on without a beginning', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
  ['that claims more than a message may have', Buffer.from([0x82, 0xff, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['of control in pieces', Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
];
for (const [name, bytes] of hostile)
  test(`a frame ${name} is refused`, () => {
    assert.throws(() => [...new WebSocketReader(true).read(bytes)], WebSocketError);
  });

test('noise ends in an error of the protocol, if in any', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      try {
        for (const _ of new WebSocketReader(true).read(Buffer.from(noise)));
      } catch (error) {
        assert.ok(error instanceof WebSocketError, String(error));
      }
    }),
  );
});

const headers = {
  connection: 'keep-alive, Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'v5.channel.k8s.io, v4.channel.k8s.io',
};

test('a request is known by its headers, and the client chooses the protocol', () => {
  assert.ok(isWebSocketRequest({ headers }));
  assert.equal(isWebSocketRequest({ headers: { ...headers, upgrade: 'SPDY/3.1' } }), false);
  assert.equal(handshakeProblem({ method: 'GET', headers }), undefined);
  assert.equal(handshakeProblem({ method: 'POST', headers }), 405);
  assert.equal(handshakeProblem({ method: 'GET', headers: { ...headers, 'sec-websocket-version': '8' } }), 400);
  assert.equal(negotiateProtocol({ headers }, ['', 'v4.channel.k8s.io']), 'v4.channel.k8s.io');
  assert.equal(negotiateProtocol({ headers }, ['']), undefined);
  assert.equal(negotiateProtocol({ headers: {} }, ['']), '');
});

/** A socket of which both sides are at hand: what is written to it is in `sent`. */
function pair(): { socket: import('node:stream').Duplex; client: PassThrough; sent: PassThrough } {
  const client = new PassThrough();
  const sent = new PassThrough();
  const socket = Object.assign(client, {}) as unknown as import('node:stream').Duplex;
  const duplex = new Proxy(socket, {
    get(target, key) {
      const at = ['write', 'end', 'writableEnded'].includes(String(key)) ? sent : target;
      const value = Reflect.get(at, key) as unknown;
      return typeof value === 'function' ? value.bind(at) : value;
    },
  });
  return { socket: duplex, client, sent };
}

const message = (...data: (number | string)[]): Buffer =>
  encodeWebSocketFrame(
    'binary',
    Buffer.concat(data.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part])))),
    MASK,
  );

async function read(stream: import('node:stream').Readable): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}

test('channels take what is theirs, and v5 can end one of them', async () => {
  const { socket, client, sent } = pair();
  const channels = new WebSocketChannels(socket, { protocol: 'v5.channel.k8s.io', uses: ['read', 'write', 'ignore'] });
  client.write(message(0, 'in'));
  client.write(message(1, 'nobody reads'));
  client.write(message(9, 'no such channel'));
  client.write(message(255, 0));
  assert.equal(await read(channels.streams[0]!), 'in');
  channels.streams[1]!.write('out');
  channels.streams[2]!.write('dropped');
  assert.deepEqual(sent.read(), Buffer.from([0x82, 4, 1, ...Buffer.from('out')]));
  client.destroy();
  await channels.closed;
});

test('channels of base64 are texts', async () => {
  const { socket, client, sent } = pair();
  const channels = new WebSocketChannels(socket, { protocol: 'v4.base64.channel.k8s.io', uses: ['read-write'] });
  client.write(encodeWebSocketFrame('text', Buffer.from(`0${Buffer.from('hello').toString('base64')}`), MASK));
  client.end();
  channels.streams[0]!.write('world');
  assert.equal(String(sent.read()?.subarray(2)), `0${Buffer.from('world').toString('base64')}`);
  assert.equal(await read(channels.streams[0]!), 'hello');
  await channels.closed;
});
