// An embedded data plane that hostile clients and servers speak to: it must not end, refuse who is honest, or keep anything of them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { request } from 'node:http';
import { EmbeddedDataPlane, PrivateText } from '../../../dist/gateway/index.js';
import { certificateSecret, TestCa } from '../../../dist/gateway/dataplane/testing/certificates.js';
import { Random } from '../random.mjs';
import { clientBytes, serverBytes } from './bytes.mjs';

const SOURCE = { kind: 'HTTPRoute', namespace: 'default', name: 'fuzz' };
const CONNECTIONS = 40;
/** A connection that nobody ends is ended by its client when nothing came in so many turns of the event loop, however long these are. */
const QUIET_TURNS = 300;
/** Some live on for a while, so that time has its say, too. */
const LIFE_MS = 150;

/** The listeners, and what is said to them. */
const TARGETS = {
  http: ['http1', 'http2', 'noise', 'tls'],
  https: ['tls', 'noise', 'http1'],
  'in tls': ['http1', 'http2', 'noise'],
  proxy: ['proxy', 'http1', 'noise'],
  passthrough: ['tls', 'noise'],
  tcp: ['http1', 'noise'],
};

/** Each at an address of its own, since all ask for any port. */
const LISTENERS = ['http', 'https', 'proxy', 'passthrough', 'tcp', 'udp'];

/** Rounds of hostile connections at one data plane. */
export class Rounds {
  #plane;
  #servers = [];
  /** Where listeners are, by name. */
  #places = {};
  /** What went wrong since it was asked for. */
  #errors = [];
  #seed = 0;
  /** How often a hostile server was asked, and clients were told anything: a fuzz that reaches nothing finds nothing. */
  reached = { servers: 0, clients: 0 };

  static async start() {
    const rounds = new Rounds();
    await rounds.#start();
    return rounds;
  }

  /** Plays a round. @returns what was found */
  async run(seed, number) {
    this.#seed = seed * 100_003 + number;
    const random = new Random(this.#seed);
    const clients = Array.from({ length: CONNECTIONS }, () => this.#client(random));
    await Promise.all([...clients, this.#datagrams(random)]);
    const honest = await this.#askHonestly().catch((error) => error.message);
    const findings = this.#errors.splice(0);
    if (honest !== 200) findings.push(`an honest request got ${honest}`);
    return findings;
  }

  /** Ends it, once or more often. @returns what is left of it, by kinds of resources of the process */
  async stop() {
    await this.#plane.close();
    for (const { server, sockets } of this.#servers.splice(0)) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
    for (let i = 0; i < 6000 && left().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('uncaughtException', this.#told);
    process.off('unhandledRejection', this.#told);
    return left();
  }

  #told = (error) => this.#errors.push(`thrown: ${error?.stack ?? error}`);

  async #start() {
    process.on('uncaughtException', this.#told);
    process.on('unhandledRejection', this.#told);
    const hostile = await this.#serve((socket) => this.#answer(socket));
    const honest = await this.#serve((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'));
    });
    this.#plane = new EmbeddedDataPlane({ tickMs: 20, onError: (error) => this.#told(error) });
    this.#plane.update(modelOf({ hostile, honest }));
    const isBound = () => [...this.#plane.state().gateways.values()].every(({ programmed }) => programmed);
    while (!isBound()) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const [i, name] of LISTENERS.entries()) {
      this.#places[name] = { host: `127.0.0.${i + 1}`, port: this.#plane.portOf(name) };
    }
  }

  async #serve(accept) {
    const sockets = new Set();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket.on('close', () => sockets.delete(socket)));
      socket.on('error', () => socket.destroy());
      accept(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push({ server, sockets });
    return server.address().port;
  }

  /** A server that answers anything. */
  #answer(socket) {
    const random = new Random((this.#seed = (this.#seed * 31 + 7) >>> 0));
    socket.once('data', () => {
      this.reached.servers++;
      socket.write(serverBytes(random));
      if (random.chance(0.3)) socket.end();
      else if (random.chance(0.2)) socket.resetAndDestroy();
    });
    socket.on('end', () => socket.end());
  }

  /** One connection, until somebody ends it. */
  async #client(random) {
    const target = random.pick(Object.keys(TARGETS));
    const said = clientBytes(random, random.pick(TARGETS[target]));
    const [end, delays, lives] = [random.below(4), random.chance(0.5), random.chance(0.1)];
    const { port, host } = this.#places[target === 'in tls' ? 'https' : target];
    const socket =
      target === 'in tls'
        ? connectTls({
            host,
            port,
            rejectUnauthorized: false,
            ALPNProtocols: [random.pick(['h2', 'http/1.1'])],
          })
        : connect({ host, port, noDelay: true, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.once('data', () => this.reached.clients++).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (const piece of said) {
      if (socket.destroyed) break;
      socket.write(piece);
      if (delays) await new Promise((resolve) => setImmediate(resolve));
    }
    if (end === 0) socket.end();
    else if (end === 1 && target !== 'in tls') socket.resetAndDestroy();
    if (lives) await new Promise((resolve) => setTimeout(resolve, LIFE_MS));
    await quiet(socket);
    socket.destroy();
    await closed;
  }

  async #datagrams(random) {
    const socket = createSocket('udp4');
    const { port, host } = this.#places.udp;
    for (let i = 0; i < 5; i++) {
      const bytes = Buffer.concat(clientBytes(random, 'noise'));
      await new Promise((resolve) => socket.send(bytes, port, host, resolve));
    }
    socket.close();
  }

  #askHonestly() {
    return new Promise((resolve, reject) => {
      const options = { ...this.#places.http, path: '/honest', agent: false };
      request(options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
        .on('error', reject)
        .end();
    });
  }
}

/** Resolves when nothing came for a while, or the connection is over. */
async function quiet(socket) {
  let turns = 0;
  socket.on('data', () => (turns = 0));
  while (!socket.destroyed && turns++ < QUIET_TURNS) await new Promise((resolve) => setImmediate(resolve));
}

/** Sockets and servers that the process still has. */
function left() {
  return process.getActiveResourcesInfo().filter((one) => /^(?:TCP|UDP|TLS|HTTP2)/i.test(one));
}

function modelOf({ hostile, honest }) {
  const source = { kind: 'Gateway', namespace: 'default', name: 'it', sectionName: 'l' };
  const ca = new TestCa();
  const virtualHosts = [{ name: 'all', domains: ['*'], source, routes: routes() }];
  const http = { name: 'r', virtualHosts };
  const listener = (name, chain, more = {}) => ({
    name,
    port: 0,
    transport: 'TCP',
    sources: [source],
    chains: [{ name, source, ...chain }],
    ...more,
  });
  const stream = { backends: [{ weight: 1, backend: 'h1', source }], idleTimeoutMs: 500 };
  const settings = { streamIdleTimeoutMs: 60_000, idleTimeoutMs: 60_000, debugHeaders: true };
  const listeners = [
    listener('http', { http }, { settings }),
    listener('https', { http, tls: { certificates: ['certificate/a'] } }, { settings }),
    listener('proxy', { http }, { settings: { ...settings, proxyProtocol: 'Optional' } }),
    listener('passthrough', { stream, serverNames: ['a.example'] }),
    listener('tcp', { stream }),
    listener('udp', { stream }, { transport: 'UDP' }),
  ];
  const gateways = listeners.map((one, i) => ({
    key: `default/${one.name}`,
    source,
    addresses: [`127.0.0.${i + 1}`],
    listeners: [one],
  }));
  const backend = (name, protocol) => [name, { name, source, protocol, endpoints: name }];
  const endpoints = (name, port) => [name, { name, endpoints: [{ address: '127.0.0.1', port, state: 'ready' }] }];
  return {
    gateways,
    backends: new Map([backend('h1', 'HTTP'), backend('h2', 'H2C'), backend('honest', 'HTTP')]),
    endpoints: new Map([endpoints('h1', hostile), endpoints('h2', hostile), endpoints('honest', honest)]),
    secrets: new Map([['certificate/a', certificateSecret('certificate/a', ca.server('a.example'))]]),
  };
}

function routes() {
  const route = (path, backend, more = {}) => ({
    name: path,
    source: SOURCE,
    match: { path: { type: 'PathPrefix', value: path }, headers: [], queryParams: [] },
    action: {
      type: 'forward',
      backends: [{ weight: 1, backend, source: SOURCE }],
      requestTimeoutMs: 500,
      ...more.forward,
    },
    ...more.route,
  });
  const policies = {
    apiKeys: { keys: { me: new PrivateText('k') }, from: [{ param: 'key' }, { cookie: 'key' }], sanitize: true },
    compression: ['Gzip', 'Brotli'],
    localRateLimits: [{ requests: 1_000_000, per: 'Second', headers: [{ type: 'Distinct', name: 'x-one' }] }],
    jwt: { optional: true, providers: [{ name: 'p', keys: { type: 'Remote', uri: 'http://k/', backend: 'h1' } }] },
    maxRequestBodyBytes: 100_000,
  };
  const cors = { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], exposeHeaders: [], maxAgeSeconds: 5 };
  const mirrors = [{ backend: 'h2', source: SOURCE }];
  const retry = { attempts: 2, backoffMs: 1, codes: [503], connectionErrors: true, backendTimeouts: true };
  const sessionPersistence = { type: 'Cookie', name: 'sid' };
  return [
    // who is honest waits as long as a busy machine needs
    route('/honest', 'honest', { forward: { requestTimeoutMs: 60_000 } }),
    route('/h2', 'h2', { forward: { retry } }),
    route('/policies', 'h1', {
      forward: { retry, sessionPersistence },
      route: {
        settings: policies,
        cors,
        mirrors,
        externalAuth: { backend: 'h2', protocol: 'GRPC', source: SOURCE, forwardBodyBytes: 5 },
      },
    }),
    route('/', 'h1', {
      forward: { sessionPersistence },
      route: { settings: { compression: ['Gzip'] }, cors, mirrors },
    }),
  ];
}
