import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Channel } from './channel.ts';
import { Code } from './codes.ts';
import { type GrpcError, RpcError } from './errors.ts';
import { Listener, type ListenAddress, type ListenPath } from './listener.ts';
import type { MessageFormat, Methods } from './serve-call.ts';
import { decodeStatusMessage, encodeStatusMessage } from './status-message.ts';

const text: MessageFormat = {
  decode: (bytes) => ({ text: bytes.toString() }),
  encode: (message) => Buffer.from((message as { readonly text: string }).text),
};
const stringCodec = { encode: (value: string) => Buffer.from(value), decode: (bytes: Buffer) => bytes.toString() };

const methods: Methods = new Map<string, never>(
  Object.entries({
    '/test/Shout': {
      request: text,
      response: text,
      handle: ({ text: said }: { readonly text: string }) => {
        if (said === '') throw new RpcError(Code.invalidArgument, 'nothing to shout, ünïcode');
        return { text: said.toUpperCase() };
      },
    },
    '/test/Broken': {
      request: text,
      response: {
        encode: () => {
          throw new Error('it is no text');
        },
      },
      handle: () => ({}),
    },
    '/test/Echo': {
      request: text,
      response: text,
      open: (out: { send(message: object): void; end(error?: RpcError): void }, call: { headers: object }) => ({
        message: (message: { readonly text: string }) => {
          if (message.text === 'end') out.end(new RpcError(Code.aborted, 'as asked'));
          else out.send(message.text === 'who' ? { text: (call.headers as Record<string, string>)['who']! } : message);
        },
        drained() {},
        ended() {},
        closed() {},
      }),
    },
  }) as never,
);

async function serving(address: ListenAddress | ListenPath, use: (channel: Channel) => Promise<void>): Promise<void> {
  const listener = new Listener(methods, { mostBytes: 1000 });
  const channel = new Channel(await listener.listen(address), {});
  try {
    await use(channel);
  } finally {
    channel.close();
    await listener.close();
  }
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };

test('a call is answered, or refused with a code and a message', async () => {
  await serving(LOOPBACK, async (channel) => {
    const call = { path: '/test/Shout', metadata: {} };
    assert.equal(String(await channel.call(call, Buffer.from('a'))), 'A');
    await assert.rejects(channel.call(call, Buffer.alloc(0)), {
      code: Code.invalidArgument,
      details: 'nothing to shout, ünïcode',
    });
    await assert.rejects(channel.call(call, Buffer.alloc(1001)), { code: Code.resourceExhausted });
    await assert.rejects(channel.call({ ...call, path: '/test/Whisper' }, Buffer.alloc(1)), {
      code: Code.unimplemented,
      details: 'unknown method Whisper for service test',
    });
  });
});

test('what cannot be said is refused, and who waits hears of it', async () => {
  await serving(LOOPBACK, async (channel) => {
    const broken = channel.call({ path: '/test/Broken', metadata: {} }, Buffer.alloc(1));
    await assert.rejects(broken, { code: Code.internal, details: 'it is no text' });
  });
});

test('a message of a status is visible ASCII, whatever is in it', () => {
  assert.equal(encodeStatusMessage('50 % of é\n\ud800'), '50 %25 of %C3%A9%0A%EF%BF%BD');
  assert.equal(decodeStatusMessage(encodeStatusMessage('50 % of é\n')), '50 % of é\n');
  assert.equal(decodeStatusMessage('50 %'), '50 %');
});

test('a client that says nothing does not keep its connection', async () => {
  const listener = new Listener(methods, { beginMs: 20 });
  const { port } = new URL(await listener.listen(LOOPBACK));
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.resume();
  await once(socket, 'close');
  await listener.close();
});

async function talk(channel: Channel): Promise<void> {
  const stream = await channel.stream({ path: '/test/Echo', metadata: { who: 'me' } }, stringCodec);
  const heard: string[] = [];
  const over = new Promise<unknown>((resolve) => stream.on('error', resolve));
  stream.on('data', (message) => {
    heard.push(message);
    stream.write(message === 'a' ? 'who' : 'end');
  });
  stream.write('a');
  const { code, details } = (await over) as GrpcError;
  assert.deepEqual({ code, details }, { code: Code.aborted, details: 'as asked' });
  assert.deepEqual(heard, ['a', 'me']);
}

test('a stream goes both ways, with what is said beside it, until a status ends it', () => serving(LOOPBACK, talk));

test('a Unix socket is an address', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'grpc-'));
  try {
    await serving({ path: join(dir, 'socket') }, talk);
  } finally {
    await rm(dir, { recursive: true });
  }
});
