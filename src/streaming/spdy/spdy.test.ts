import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { SpdyConnection } from './connection.ts';
import { HEADER_DICTIONARY } from './dictionary.ts';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';
import { type HeaderFields, HeaderReader, HeaderWriter } from './header-block.ts';
import { SpdyError } from './spdy-error.ts';
import type { SpdyStream } from './stream.ts';

const fields = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.stringMatching(/^[ -~]*$/)), {
  selector: ([name]) => name,
  maxLength: 20,
});
const id = fc.integer({ min: 1, max: 0x7fffffff });
const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
const frame: fc.Arbitrary<Exclude<Frame, { type: 'other' }>> = fc.oneof(
  fc.record({
    type: fc.constantFrom('syn-stream', 'syn-reply', 'headers'),
    streamId: id,
    fin: fc.boolean(),
    block: bytes,
  }),
  fc.record({ type: fc.constant('rst-stream'), streamId: id, status: id }),
  fc.record({ type: fc.constant('ping'), id }),
  fc.record({ type: fc.constant('go-away'), lastStreamId: id, status: id }),
  fc.record({ type: fc.constant('data'), streamId: id, fin: fc.boolean(), data: bytes }),
) as fc.Arbitrary<Exclude<Frame, { type: 'other' }>>;

/** Frames of data that came in parts as one. */
function joined(frames: readonly Frame[]): Frame[] {
  const result: Frame[] = [];
  let parts: Buffer[] = [];
  for (const one of frames) {
    if (one.type !== 'data') result.push(one);
    else {
      parts.push(one.data);
      result.push({ ...one, data: Buffer.concat(parts) });
      parts = [];
    }
  }
  return result;
}

test('frames are read as they were written, however the bytes come', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (given, step) => {
      const frames = given.map((one) => ({ ...one }));
      const reader = new FrameReader();
      const wire = Buffer.concat(frames.map(encodeFrame));
      const whole = [...new FrameReader().read(wire)];
      assert.deepEqual(joined(whole), frames);
      const read: Frame[] = [];
      for (let at = 0; at < wire.length; at += step) read.push(...reader.read(wire.subarray(at, at + step)));
      const dataOf = (list: readonly Frame[]): string =>
        list.map((one) => (one.type === 'data' ? one.data.toString('hex') : '')).join('');
      assert.deepEqual(
        read.filter(({ type }) => type !== 'data'),
        frames.filter(({ type }) => type !== 'data'),
      );
      assert.equal(dataOf(read), dataOf(frames));
    }),
  );
});

test('what is no frame ends in an error, and never in another', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      try {
        for (const one of new FrameReader().read(Buffer.from(noise)))
          if ('block' in one) new HeaderReader().read(one.block);
      } catch (error) {
        assert.ok(error instanceof SpdyError, String(error));
      }
    }),
  );
});

test('header blocks are read as they were written, one after the other', () => {
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 5 }), (blocks) => {
      const writer = new HeaderWriter();
      const reader = new HeaderReader();
      for (const block of blocks) assert.deepEqual(reader.read(writer.write(block)), block);
    }),
  );
});

test('header blocks of a writer that refers back to earlier ones are read', async () => {
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY, level: 9 });
  const reader = new HeaderReader();
  for (const value of ['stdin', 'stdout', 'stdin again, as before', 'stdin again, as before']) {
    const name = Buffer.from('streamtype');
    const body = Buffer.concat([number(1), number(name.length), name, number(value.length), Buffer.from(value)]);
    deflate.write(body);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    assert.deepEqual(reader.read(deflate.read() as Buffer), [['streamtype', value]]);
  }
});

function number(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

test('a header block that grows beyond all bounds is refused', () => {
  const value = 'a'.repeat(2 * 1024 * 1024);
  assert.throws(() => new HeaderReader().read(new HeaderWriter().write([['name', value]])), SpdyError);
});

test('a control frame beyond the limit is refused before it is there', () => {
  const head = encodeFrame({ type: 'syn-reply', streamId: 1, fin: false, block: Buffer.alloc(300 * 1024) });
  assert.throws(() => [...new FrameReader().read(head.subarray(0, 8))], SpdyError);
});

/** Two ends of one connection. */
async function connected(
  onStream: (stream: SpdyStream) => boolean,
): Promise<{ client: SpdyConnection; server: SpdyConnection; socket: Socket; close(): void }> {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const socket = createConnection((listener.address() as { port: number }).port, '127.0.0.1');
  const [peer] = await accepted;
  const server = new SpdyConnection(peer, { server: true, onStream });
  const client = new SpdyConnection(socket, { server: false });
  const close = (): void => {
    client.destroy();
    server.destroy();
    listener.close();
  };
  return { client, server, socket, close };
}

async function textOf(stream: SpdyStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

test('streams carry bytes both ways at the same time, and end on their own', async () => {
  const names: (HeaderFields | undefined)[] = [];
  const { client, close } = await connected((stream) => {
    names.push(stream.fields);
    stream.pipe(stream);
    return true;
  });
  const sizes = [0, 1, 70_000, 1_000_000];
  await Promise.all(
    sizes.map(async (size) => {
      const stream = await client.createStream([['streamtype', String(size)]]);
      const text = textOf(stream);
      stream.end('x'.repeat(size));
      assert.equal((await text).length, size);
    }),
  );
  assert.deepEqual(
    names,
    sizes.map((size) => [['streamtype', String(size)]]),
  );
  close();
});

test('a stream that is not wanted is refused, and the connection goes on', async () => {
  const { client, close } = await connected((stream) => stream.header('StreamType') === 'data');
  await assert.rejects(client.createStream([['streamtype', 'other']]), SpdyError);
  const stream = await client.createStream([['streamtype', 'data']]);
  assert.equal(stream.id, 3);
  close();
});

test('what was sent before the goodbye is read to its end', async () => {
  const text = 'y'.repeat(300_000);
  const { client, server, close } = await connected((stream) => {
    stream.write(text, () => server.close());
    return true;
  });
  const stream = await client.createStream([]);
  assert.equal(await textOf(stream), text);
  await client.closed;
  await server.closed;
  close();
});

test('a stream that nobody reads holds its connection back', async () => {
  const { client, close, socket } = await connected(() => true);
  const stream = await client.createStream([]);
  const chunk = Buffer.alloc(1024 * 1024);
  let sent = 0;
  let open = true;
  const send = (): void => {
    stream.write(chunk, () => {
      sent += 1;
      if (open) send();
    });
  };
  send();
  // until nothing moves any more: the kernel's buffers are full
  let before = -1;
  while (before !== socket.bytesWritten || socket.writableLength === 0) {
    before = socket.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(sent < 50, `${sent} MiB went into nothing`);
  open = false;
  close();
});

test('a peer that speaks something else is let go', async () => {
  const { server, socket, close } = await connected(() => true);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.padStart(64, '\xff'));
  await server.closed;
  close();
});
