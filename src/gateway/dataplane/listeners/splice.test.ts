import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { forwardTo, type ModelParts, SOURCE } from '../testing/models.ts';
import { closeServer, eventually, listen, startWorld } from '../testing/world.ts';

/** A model that passes connections of TCP to a port; it reads the first bytes of them if `sniffs`. */
function streamTo(port: number, sniffs = false): ModelParts {
  const { backends } = forwardTo('a');
  const chain = { name: 'stream', source: SOURCE, stream: { name: 's', source: SOURCE, backends } };
  const named = { ...chain, name: 'named', serverNames: ['a.example'] };
  return { chains: sniffs ? [chain, named] : [chain], backends: [{ name: 'a', protocol: 'TCP', ports: [port] }] };
}

/** Both ends of a connection that goes through the data plane. */
async function joined(t: TestContext, { sniffs = false, says = '' } = {}): Promise<{ client: Socket; server: Socket }> {
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const { port } = await startWorld(t, streamTo(await listen(listener), sniffs));
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {});
  if (says !== '') client.write(says);
  const [server] = await accepted;
  server.on('error', () => {});
  t.after(() => {
    client.destroy();
    server.destroy();
    return closeServer(listener);
  });
  return { client, server };
}

/** All that a socket hears until the other side ends. */
async function heard(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks).toString('latin1');
}

for (const sniffs of [false, true]) {
  const how = sniffs ? ', after its first bytes were read' : '';
  test(`the backend may end first, and still hears all of the client${how}`, async (t) => {
    const { client, server } = await joined(t, { sniffs, says: 'one' });
    server.end('all that I say');
    assert.equal(await heard(client), 'all that I say');
    client.end(' and two');
    assert.equal(await heard(server), 'one and two');
    await Promise.all([client, server].map((socket) => socket.closed || once(socket, 'close')));
  });

  test(`the client may end first, and still hears all of the backend${how}`, async (t) => {
    const { client, server } = await joined(t, { sniffs, says: 'one' });
    client.end(' and two');
    assert.equal(await heard(server), 'one and two');
    server.end('all that I say');
    assert.equal(await heard(client), 'all that I say');
  });
}

test('a side that does not read holds the other back, and nothing is lost or twice', async (t) => {
  const { client, server } = await joined(t);
  const sent = randomBytes(32 * 1_048_576);
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    let written = 0;
    const write = (): void => {
      while (written < sent.length) {
        written += 65_536;
        if (from.write(sent.subarray(written - 65_536, written))) continue;
        from.once('drain', write);
        return;
      }
      from.end();
    };
    write();
    // until nothing moves any more, which is long before all is written
    for (let before = -1; before !== from.bytesWritten - from.writableLength; ) {
      before = from.bytesWritten - from.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const isHeldBack = written < sent.length;
    const hash = createHash('sha256');
    to.on('data', (chunk: Buffer) => hash.update(chunk));
    to.resume();
    await once(to, 'end');
    assert.equal(isHeldBack, true);
    assert.equal(hash.digest('hex'), createHash('sha256').update(sent).digest('hex'));
  }
});

for (const side of ['client', 'server'] as const) {
  test(`a reset by the ${side} is one for the other side`, async (t) => {
    const both = await joined(t, { says: 'hello' });
    const other = both[side === 'client' ? 'server' : 'client'];
    const said = once(both.server, 'data');
    both.server.resume();
    await said;
    // not once(), which an error before it would reject
    const broken = new Promise((resolve) => other.once('close', resolve));
    both[side].resetAndDestroy();
    other.resume();
    assert.equal(await broken, true);
  });
}

test('a client that leaves before its endpoint is reached leaves nothing behind', async (t) => {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const { port } = await startWorld(t, streamTo(await listen(listener)));
  t.after(() => closeServer(listener));
  let seen = 0;
  listener.on('connection', () => seen++);
  for (let i = 0; i < 10; i++) {
    const client = connect({ port, host: '127.0.0.1' });
    client.on('error', () => {});
    await once(client, 'connect');
    if (i % 2 === 0) client.resetAndDestroy();
    else client.destroy();
  }
  const last = connect({ port, host: '127.0.0.1' });
  await eventually(() => seen > 0 && sockets.size === 1);
  last.destroy();
  await eventually(() => sockets.size === 0);
});
