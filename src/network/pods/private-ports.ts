import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { claimPort, type PortClaim } from './port-claim.ts';

/** Below the ports of nodes and of connections that this machine makes, so that none of them is in the way. */
const FIRST = 10_000;
const COUNT = 20_000;

/** Ports of 127.0.0.1 that nothing else uses, and that are given once on this machine, also while nobody listens on them yet. */
export class PrivatePorts {
  readonly #claims = new Map<number, PortClaim>();
  #next: number;

  /** @param start where the search begins, from 0 to 1: two processes that begin elsewhere seldom meet */
  constructor(start: number) {
    this.#next = Math.floor(start * COUNT) % COUNT;
  }

  /** Takes a port, on which neither TCP nor UDP is served now. @throws Error there is none */
  async take(): Promise<number> {
    for (let tries = 0; tries < COUNT; tries++) {
      const port = FIRST + this.#next;
      this.#next = (this.#next + 1) % COUNT;
      const claim = this.#claims.has(port) ? undefined : await claimPort(port);
      if (claim === undefined) continue;
      if ((await isTcpFree(port)) && (await isUdpFree(port))) {
        this.#claims.set(port, claim);
        return port;
      }
      claim.release();
    }
    throw new Error(`Cannot take a port: all from ${FIRST} to ${FIRST + COUNT - 1} are in use`);
  }

  /** Gives a port back. */
  giveBack(port: number): void {
    this.#claims.get(port)?.release();
    this.#claims.delete(port);
  }

  /** Gives all back. */
  giveAllBack(): void {
    for (const port of this.#claims.keys()) this.giveBack(port);
  }
}

function isTcpFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
