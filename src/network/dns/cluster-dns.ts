import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from 'nekube/client';
import type { Endpoint } from '../pod-network.ts';
import type { Informers } from '../routing/informers.ts';
import { answerOf, type ClusterView, type ClusterZone } from './cluster-names.ts';
import { viewOf } from './informer-view.ts';
import { datagramSize, type Query, readQuery, writeAnswer } from './message.ts';
import { parseName } from './names.ts';
import type { Answer, Code } from './records.ts';
import { takeMessages, withLength } from './tcp-messages.ts';
import { askUpstream, type UpstreamOptions } from './upstream.ts';

/** What the server of the cluster's names needs. */
export interface ClusterDnsOptions {
  readonly informers: Informers;
  /** Where it listens, by UDP and TCP: 127.0.0.1 and any free port by default. */
  readonly listen?: Endpoint;
  /** `cluster.local` by default. */
  readonly domain?: string;
  /** The address that pods ask, that of the service; what it listens on by default. */
  readonly serviceIp?: string;
  /** Who answers for other names; by default nobody does, and they are said not to be. */
  readonly upstream?: readonly Endpoint[];
  readonly clock?: Clock;
  readonly onError?: (error: Error) => void;
}

/** A server of names. */
export interface ClusterDns {
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

/** As long as answers of the cluster hold, in seconds: what is asked is near, and changes. */
const TTL = 5;
/** A connection on which nothing is asked for so long ends. */
const IDLE_MS = 10_000;
const LONGEST = 65_535;

/** Answers questions for the cluster's names, until it is closed. @throws it cannot listen */
export async function startClusterDns(options: ClusterDnsOptions): Promise<ClusterDns> {
  const { informers, domain = 'cluster.local', onError = () => undefined, clock = systemClock } = options;
  const { host, port } = options.listen ?? { host: '127.0.0.1', port: 0 };
  const zone = { zone: parseName(domain.toLowerCase()), servers: [options.serviceIp ?? host], ttl: TTL };
  const upstream = options.upstream && { servers: options.upstream, clock };
  const answerer = new Answerer(viewOf(informers), zone, upstream);
  const { tcp, udp } = await listen({ host, port });
  const sockets = serveTcp(tcp, answerer);
  serveUdp(udp, answerer);
  for (const server of [tcp, udp]) server.on('error', onError);
  return {
    endpoint: { host, port: (tcp.address() as AddressInfo).port },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise((resolve) => tcp.close(resolve)),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
}

/** Takes the same port of both; of a free one the other may be taken, and then another is. */
async function listen({ host, port }: Endpoint): Promise<{ readonly tcp: Server; readonly udp: UdpSocket }> {
  for (let tries = 1; ; tries++) {
    const tcp = createServer();
    await settled((resolve, reject) => tcp.once('error', reject).listen({ host, port, exclusive: true }, resolve));
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const taken = (tcp.address() as AddressInfo).port;
    try {
      await settled((resolve, reject) =>
        udp.once('error', reject).bind({ address: host, port: taken, exclusive: true }, resolve),
      );
      tcp.removeAllListeners('error');
      udp.removeAllListeners('error');
      return { tcp, udp };
    } catch (error) {
      tcp.close();
      udp.close();
      if (port !== 0 || tries === 10) throw error;
    }
  }
}

function settled(begin: (resolve: () => void, reject: (error: Error) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => void begin(resolve, reject));
}

function serveUdp(udp: UdpSocket, answerer: Answerer): void {
  let isClosed = false;
  udp.once('close', () => {
    isClosed = true;
  });
  udp.on('message', (message, from) => {
    void answerer.answer(message, 'udp').then((answer) => {
      // nobody waits for what could not be sent, and what was asked elsewhere may come after the end
      if (answer !== undefined && !isClosed) udp.send(answer, from.port, from.address, () => undefined);
    });
  });
}

function serveTcp(tcp: Server, answerer: Answerer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    takeMessages(socket, (message) => {
      void answerer.answer(message, 'tcp').then((answer) => {
        if (answer === undefined) socket.destroy();
        else if (!socket.destroyed) socket.write(withLength(answer));
      });
    });
  });
  return sockets;
}

/** Makes answers of messages. */
class Answerer {
  readonly #view: ClusterView;
  readonly #zone: ClusterZone;
  readonly #upstream: UpstreamOptions | undefined;

  constructor(view: ClusterView, zone: ClusterZone, upstream: UpstreamOptions | undefined) {
    this.#view = view;
    this.#zone = zone;
    this.#upstream = upstream;
  }

  /** Never rejects; undefined: it is nothing that can be answered. */
  async answer(message: Buffer, way: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const query = queryOf(message);
    if (query === undefined) return undefined;
    const most = way === 'tcp' ? LONGEST : datagramSize(query);
    const write = (answer: Answer): Buffer => writeAnswer(query, answer, most, this.#upstream !== undefined);
    try {
      const refused = codeFor(query);
      const known = refused === undefined ? answerOf(query, this.#zone, this.#view) : only(refused);
      if (known !== undefined) return write(known);
      // a refusal would have resolvers say that names are to be asked for again later
      if (this.#upstream === undefined) return write(only('NXDOMAIN'));
      return (await askUpstream(message, way, this.#upstream)) ?? write(only('SERVFAIL'));
    } catch {
      return write(only('SERVFAIL'));
    }
  }
}

/** One that can be read; what cannot is not answered with more than its number. */
function queryOf(message: Buffer): Query | undefined {
  try {
    return readQuery(message);
  } catch {
    return undefined;
  }
}

/** Why a question is not looked into. */
function codeFor({ opcode, edns, class: of }: Query): Code | undefined {
  if (opcode !== 0) return 'NOTIMP';
  if (edns !== undefined && edns.version !== 0) return 'BADVERS';
  return of === 1 || of === 255 ? undefined : 'REFUSED';
}

function only(code: Code): Answer {
  return { code, isAuthoritative: false, answers: [], authorities: [], additionals: [] };
}
