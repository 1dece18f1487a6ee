import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { FakeClock } from 'nekube/client';
import { freePort } from '../../../tools/free-ports.mjs';
import { AddressPlan } from '../pods/address-plan.ts';
import { PrivatePorts } from '../pods/private-ports.ts';
import { VirtualNetwork } from '../virtual/virtual-network.ts';
import type { RouteEndpoint } from './choose-endpoints.ts';
import { FrontendSet } from './frontend-set.ts';
import type { Frontend, Route } from './plan-routes.ts';

const network = new VirtualNetwork({ plan: new AddressPlan(), ports: new PrivatePorts(0.7), reason: 'test' });
const errors: string[] = [];
const set = new FrontendSet({
  network,
  clock: new FakeClock(),
  random: () => 0,
  zoneOf: () => undefined,
  onNodePort: () => undefined,
  onError: ({ message }) => errors.push(message),
});
const servers: Server[] = [];
after(async () => {
  await set.close();
  for (const server of servers) server.close();
});

/** A pod that answers whatever it is told, before its own name, when the client has ended. */
async function echo(name: string): Promise<RouteEndpoint> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void heard(socket).then((said) => socket.end(`${said} ${name}`));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return at((server.address() as AddressInfo).port);
}

function at(port: number): RouteEndpoint {
  return { ip: '127.0.0.1', port, ready: true, serving: true, terminating: false, node: 'n1', zones: [], nodes: [] };
}

function route(endpoints: readonly RouteEndpoint[], otherwise: Partial<Route> = {}): Route {
  const frontends: Frontend[] = [{ ip: '10.0.0.7', port: 80, from: 'internal' }];
  return {
    name: 'web',
    protocol: 'TCP',
    frontends,
    endpoints,
    internalLocal: false,
    externalLocal: false,
    ...otherwise,
  };
}

async function ask(ip = '10.0.0.7', port = 80): Promise<string> {
  const place = set.reach(ip, port, 'TCP');
  assert.ok(place, `${ip}:${port} is routed`);
  const socket = connect({ ...place, allowHalfOpen: true });
  socket.end('hello');
  return heard(socket);
}

/** What a socket is told until the other side ends, or the code of what went wrong. */
function heard(socket: Socket): Promise<string> {
  let said = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => (said += String(chunk)));
    socket.on('end', () => resolve(said));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  });
}

test('a half-closed connection is answered through a service', async () => {
  await set.set('ns/web', [route([await echo('a')])]);
  assert.equal(await ask(), 'hello a');
});

test('an endpoint that takes no connection is passed by', async () => {
  await set.set('ns/web', [route([at(await freePort()), await echo('b')])]);
  assert.equal(await ask(), 'hello b');
});

test('without an endpoint a connection is refused, and served again when there is one', async () => {
  await set.set('ns/web', [route([])]);
  assert.equal(await ask(), 'ECONNREFUSED');
  await set.set('ns/web', [route([await echo('c')])]);
  assert.equal(await ask(), 'hello c');
});

test('a service that is gone is not routed, and its place is free', async () => {
  const place = set.reach('10.0.0.7', 80, 'TCP')!;
  await set.set('ns/web', []);
  assert.equal(set.reach('10.0.0.7', 80, 'TCP'), undefined);
  const again = createServer().listen(place.port, place.host);
  await once(again, 'listening');
  again.close();
});

test('an address that another service has stays its own', async () => {
  await set.set('ns/web', [route([await echo('first')])]);
  await set.set('ns/other', [route([await echo('second')])]);
  assert.equal(await ask(), 'hello first');
  await set.set('ns/other', []);
  assert.equal(await ask(), 'hello first');
});

test('clients outside the ranges of a load balancer are not let in', async () => {
  const frontends = ['10.0.0.0/8', '127.0.0.0/8', 'fd00::/8'].map(
    (range, i): Frontend => ({ ip: `10.0.0.${i + 20}`, port: 80, from: 'external', sourceRanges: [range] }),
  );
  await set.set('ns/web', [route([await echo('d')], { frontends })]);
  assert.deepEqual(await Promise.all(frontends.map(({ ip }) => ask(ip))), ['ECONNRESET', 'hello d', 'ECONNRESET']);
});

test('datagrams come back from the address they were sent to, and move on when their endpoint is gone', async () => {
  const pods = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const socket = createSocket('udp4');
      socket.on('message', (message, { port, address }) => socket.send(`${message} ${name}`, port, address));
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return socket;
    }),
  );
  const [a, b] = pods.map((socket) => at(socket.address().port)) as [RouteEndpoint, RouteEndpoint];
  const client = createSocket('udp4');
  const say = async (): Promise<[string, number]> => {
    const place = set.reach('10.0.0.7', 80, 'UDP')!;
    const answered = once(client, 'message');
    client.send('hello', place.port, place.host);
    const [message, from] = await answered;
    return [String(message), from.port - place.port];
  };
  await set.set('ns/udp', [route([a, b], { protocol: 'UDP' })]);
  assert.deepEqual(await say(), ['hello a', 0]);
  await set.set('ns/udp', [route([b], { protocol: 'UDP' })]);
  assert.deepEqual(await say(), ['hello b', 0]);
  client.close();
  for (const pod of pods) pod.close();
  await set.set('ns/udp', []);
});

test('what cannot be listened on is told, and the rest goes on', async () => {
  const e = await echo('e');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const frontends: Frontend[] = [
    { ip: '127.0.0.1', port, from: 'external' },
    { ip: '10.0.0.9', port: 80, from: 'internal' },
  ];
  await set.set('ns/web', [route([e], { frontends })]);
  assert.equal(await ask('10.0.0.9'), 'hello e');
  assert.deepEqual(errors.splice(0), [`Cannot listen for web on 127.0.0.1:${port}/TCP: EADDRINUSE`]);
  taken.close();
});
