import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the ports of nodes and of connections that this machine makes, so that none of them is in the way. */
const FIRST = 10_000;
const COUNT = 20_000;

/** Ports of 127.0.0.1 that nothing else uses, and that are given once. */
export class PrivatePorts {
  readonly #taken = new Set<number>();
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
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if ((await isTcpFree(port)) && (await isUdpFree(port))) return port;
      this.#taken.delete(port);
    }
    throw new Error(`Cannot take a port: all from ${FIRST} to ${FIRST + COUNT - 1} are in use`);
  }

  /** Gives a port back. */
  giveBack(port: number): void {
    this.#taken.delete(port);
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
