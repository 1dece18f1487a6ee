// Connections and datagrams through a real Envoy.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { eventually, freePort, listening, modelOf, serve, skip, startPlane } from './world.mjs';

const source = { kind: 'TCPRoute', namespace: 'default', name: 'r' };

test('streams on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const streamListener = (transport, backends) => {
    const name = `default/it/${port}${transport === 'UDP' ? '/udp' : ''}`;
    const stream = { name: `route/${transport}`, source, backends: backends.map((each) => ({ source, ...each })) };
    return { name, port, transport, sources: [source], chains: [{ name, source, stream }] };
  };

  await t.test('connections are shared by weight, and those to nobody are closed', async (t2) => {
    const names = ['one', 'two'];
    const servers = await Promise.all(
      names.map((name) =>
        listening(
          t2,
          createServer((socket) => socket.end(name)),
        ),
      ),
    );
    const backends = Object.fromEntries(
      names.map((name, index) => [name, { protocol: 'TCP', ports: [servers[index].port] }]),
    );
    const model = (shares) => modelOf({ listeners: [streamListener('TCP', shares)], backends });
    await serve(
      world,
      model([
        { weight: 3, backend: 'one' },
        { weight: 1, backend: 'two' },
        { weight: 0, invalid: 'gone' },
      ]),
    );
    const told = await Promise.all(Array.from({ length: 200 }, () => read(port)));
    const ones = told.filter((each) => each === 'one').length;
    assert.ok(ones > 110 && ones < 190, `${ones} of 200`);
    assert.ok(told.every((each) => names.includes(each)));
    await serve(world, model([{ weight: 1, invalid: 'gone' }]));
    // Envoy has accepted it, and its threads have it a moment later
    await eventually(async () => (await read(port)) === '');
  });

  await t.test('a connection lives on while its listener gets another route', async (t2) => {
    const echo = await listening(
      t2,
      createServer((socket) => socket.pipe(socket)),
    );
    const other = await listening(
      t2,
      createServer((socket) => socket.end('other')),
    );
    const backends = { echo: { protocol: 'TCP', ports: [echo.port] }, other: { protocol: 'TCP', ports: [other.port] } };
    const model = (backend) => modelOf({ listeners: [streamListener('TCP', [{ weight: 1, backend }])], backends });
    await serve(world, model('echo'));
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', () => {});
    socket.write('a');
    await eventually(() => text === 'a');
    await serve(world, model('other'));
    await eventually(async () => (await firstWord(port)) === 'other');
    socket.write('b');
    await eventually(() => text === 'ab');
    socket.destroy();
  });

  await t.test('datagrams are answered, by weight for each client, and those to nobody are dropped', async (t2) => {
    const ports = await Promise.all(['one', 'two'].map((name) => startUdp(t2, name)));
    const backends = { one: { protocol: 'UDP', ports: [ports[0]] }, two: { protocol: 'UDP', ports: [ports[1]] } };
    const model = (shares) => modelOf({ listeners: [streamListener('UDP', shares)], backends });
    await serve(
      world,
      model([
        { weight: 3, backend: 'one' },
        { weight: 1, backend: 'two' },
      ]),
    );
    const told = await Promise.all(Array.from({ length: 200 }, () => askUdp(t2, port)));
    const ones = told.filter((each) => each === 'one').length;
    assert.ok(ones > 110 && ones < 190, `${ones} of 200`);
    await serve(world, model([{ weight: 1, invalid: 'gone' }]));
    const nobody = '/stats?filter=nekube/invalid.upstream_cx_none_healthy';
    const dropped = async () => Number(/: (\d+)\n$/.exec(await world.plane.process.admin.ask(nobody))?.[1] ?? 0);
    await eventually(async () => {
      const asked = createSocket('udp4');
      let answers = 0;
      asked.on('message', () => answers++);
      const before = await dropped();
      asked.send('x', port, '127.0.0.1');
      await eventually(async () => answers > 0 || (await dropped()) > before);
      asked.close();
      return answers === 0;
    });
  });
});

async function read(port) {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  socket.on('error', () => {});
  await once(socket, 'close');
  return text;
}

/** What is said first, by who says something unasked or by who says what he hears. */
async function firstWord(port) {
  const socket = connect(port, '127.0.0.1', () => socket.write('x'));
  socket.on('error', () => {});
  const said = new Promise((resolve) => socket.once('data', (data) => resolve(String(data))).once('close', resolve));
  const word = await said;
  socket.destroy();
  return word;
}

async function startUdp(t, name) {
  const server = createSocket('udp4');
  server.on('message', (_, { address, port }) => server.send(name, port, address));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

/** A client of its own; what is lost is sent again. */
async function askUdp(t, port) {
  const socket = createSocket('udp4');
  try {
    let answer;
    socket.on('message', (message) => (answer = message.toString()));
    let sent = 0;
    await eventually(() => {
      if (answer === undefined && sent++ % 25 === 0) socket.send('x', port, '127.0.0.1');
      return answer;
    });
    return answer;
  } finally {
    socket.close();
  }
}
