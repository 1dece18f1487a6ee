import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { EmbeddedDataPlane } from '../embedded-data-plane.ts';
import { forwardTo, LISTENER, modelOf, routeTo, SOURCE } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { bound, closeServer, eventually, listen, startWorld } from '../testing/world.ts';
import { bindMessage } from '../../model/bind-message.ts';

/** A chain of a stream to some backends. */
function streamChain(backends: readonly string[], parts = {}) {
  const all = backends.flatMap((one) => forwardTo(one).backends);
  return { name: 'stream', source: SOURCE, stream: { name: 's', source: SOURCE, backends: all, ...parts } };
}

/** A backend of TCP that says its name first, and then what it hears. */
async function tcpBackend(t: TestContext, name: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(`${name}: `);
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('end', () => socket.end('.'));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return closeServer(server);
  });
  return listen(server);
}

test('a connection of TCP is joined with one of its backend, who may speak first, and either side may end first', async (t) => {
  const { port } = await startWorld(t, {
    chains: [streamChain(['a'])],
    backends: [{ name: 'a', protocol: 'TCP', ports: [await tcpBackend(t, 'a')] }],
  });
  const client = rawClient(t, port);
  await client.until('a: ');
  client.socket.end('hello');
  assert.equal(await client.end(), 'hello.');
});

test('connections are shared by weight, and those of what is invalid are closed', async (t) => {
  const backends = [...forwardTo('a').backends, { weight: 1, invalid: 'gone', source: SOURCE }];
  const { port } = await startWorld(t, {
    chains: [streamChain([], { backends })],
    backends: [{ name: 'a', protocol: 'TCP', ports: [await tcpBackend(t, 'a')] }],
  });
  const said: string[] = [];
  for (let i = 0; i < 4; i++) {
    const client = rawClient(t, port);
    client.socket.end();
    said.push(await client.end());
  }
  assert.deepEqual(said.sort(), ['', '', 'a: .', 'a: .']);
});

test('a connection that is idle for too long is closed', async (t) => {
  const { port } = await startWorld(t, {
    chains: [streamChain(['a'], { idleTimeoutMs: 500 })],
    backends: [{ name: 'a', protocol: 'TCP', ports: [await tcpBackend(t, 'a')] }],
  });
  assert.equal(await rawClient(t, port).end(), 'a: ');
});

test('connections of TCP stay when their endpoint goes, and new ones go elsewhere', async (t) => {
  const parts = { chains: [streamChain(['a'])] };
  const a = { name: 'a', protocol: 'TCP' as const, ports: [await tcpBackend(t, 'a')] };
  const { port, update } = await startWorld(t, { ...parts, backends: [a] });
  const old = rawClient(t, port);
  await old.until('a: ');
  update({ ...parts, backends: [{ ...a, ports: [await tcpBackend(t, 'b')] }] });
  await rawClient(t, port).until('b: ');
  old.send('still here');
  await old.until('still here');
});

/** A backend of UDP that answers with its name, and what it hears. */
async function udpBackend(t: TestContext, name: string): Promise<{ port: number; clients: Set<number> }> {
  const clients = new Set<number>();
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    clients.add(port);
    socket.send(`${name}: ${message}`, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { port: socket.address().port, clients };
}

/** A client of UDP; what it hears. */
function udpClient(t: TestContext, port: number): { say(text: string): void; heard: string[] } {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (message) => heard.push(message.toString()));
  t.after(() => socket.close());
  return { heard, say: (text) => socket.send(text, port, '127.0.0.1') };
}

test('datagrams of a client go to one endpoint, which answers; another client may have another', async (t) => {
  const a = await udpBackend(t, 'a');
  const b = await udpBackend(t, 'b');
  const { port } = await startWorld(t, {
    transport: 'UDP',
    chains: [streamChain(['a'])],
    backends: [{ name: 'a', protocol: 'UDP', ports: [a.port, b.port] }],
  });
  const clients = [udpClient(t, port), udpClient(t, port)];
  for (const client of clients) {
    client.say('one');
    await eventually(() => client.heard.length === 1);
    client.say('two');
    await eventually(() => client.heard.length === 2);
  }
  const [first, second] = clients.map(({ heard }) => new Set(heard.map((text) => text[0])));
  assert.deepEqual([first!.size, second!.size], [1, 1]);
  assert.notDeepEqual(first, second);
  assert.deepEqual([a.clients.size, b.clients.size], [1, 1]);
});

test('a client of UDP that was idle for too long is a new one', async (t) => {
  const a = await udpBackend(t, 'a');
  const { port } = await startWorld(t, {
    transport: 'UDP',
    chains: [streamChain(['a'], { idleTimeoutMs: 30 })],
    backends: [{ name: 'a', protocol: 'UDP', ports: [a.port] }],
  });
  const client = udpClient(t, port);
  await eventually(async () => {
    client.say('hello');
    await new Promise((resolve) => setTimeout(resolve, 150));
    return a.clients.size >= 2;
  });
});

test('datagrams to what is invalid are dropped', async (t) => {
  const a = await udpBackend(t, 'a');
  const backends = [...forwardTo('a').backends, { weight: 1, invalid: 'gone', source: SOURCE }];
  const { port } = await startWorld(t, {
    transport: 'UDP',
    chains: [streamChain([], { backends })],
    backends: [{ name: 'a', protocol: 'UDP', ports: [a.port] }],
  });
  const clients = [udpClient(t, port), udpClient(t, port), udpClient(t, port)];
  for (const client of clients) {
    client.say('hello');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await eventually(() => clients.filter(({ heard }) => heard.length === 1).length === 2);
});

test('a port that is taken is a refusal of its listeners, until it is free', async (t) => {
  const other = createServer();
  const port = await listen(other);
  const plane = new EmbeddedDataPlane({ tickMs: 20 });
  t.after(() => plane.close());
  plane.update(modelOf({ port, routes: [routeTo('a')] }));
  await bound(plane);
  const { programmed, refusals } = plane.state().gateways.get('default/gateway')!;
  assert.equal(programmed, true);
  assert.deepEqual(refusals, [
    {
      source: { kind: 'Gateway', namespace: 'default', name: 'gateway', sectionName: 'web' },
      message: `Cannot listen on 127.0.0.1:${port}: another program has that port: stop it, or choose another port or address`,
    },
  ]);
  await closeServer(other);
  plane.update(modelOf({ port, routes: [routeTo('a')] }));
  await eventually(() => plane.portOf(LISTENER) === port);
  assert.deepEqual(plane.state().gateways.get('default/gateway')!.refusals, []);
});

test('an address that is not of this machine is a refusal', async (t) => {
  const plane = new EmbeddedDataPlane({ tickMs: 20 });
  t.after(() => plane.close());
  plane.update(modelOf({ address: '192.0.2.1', port: 80 }));
  await bound(plane);
  const [refusal] = plane.state().gateways.get('default/gateway')!.refusals;
  assert.match(refusal!.message, /^Cannot listen on 192.0.2.1:80: no interface of this machine has that address/);
});

test('without the right to a low port it is said how to get it', () => {
  const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
  assert.match(bindMessage(error, '[::]:80'), /^Cannot listen on \[::\]:80: .*ip_unprivileged_port_start=80/);
});

test('closing waits for what is being answered, and then for nothing', async (t) => {
  const plane = new EmbeddedDataPlane({ tickMs: 20 });
  const held: Socket[] = [];
  const server = createServer((socket) => socket.once('data', () => held.push(socket)));
  const port = await listen(server);
  t.after(() => closeServer(server));
  plane.update(modelOf({ routes: [routeTo('a')], backends: [{ name: 'a', ports: [port] }] }));
  await bound(plane);
  const busy = rawClient(t, plane.portOf(LISTENER)!);
  const idle = rawClient(t, plane.portOf(LISTENER)!);
  busy.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => held.length === 1);
  const closed = plane.close({ drainMs: 60_000 });
  held[0]!.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlast');
  const answer = await busy.end();
  assert.match(answer, /connection: close\r\n[^]*last$/);
  await idle.end();
  await closed;
});
