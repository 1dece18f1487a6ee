import { createServer, type Server } from 'node:http';
import { type HealthCheck, healthAnswer } from './answer.ts';

/** Where health checks are answered. */
export interface HealthServersOptions {
  /** The node's addresses; at each of them every port is listened on. */
  readonly addresses: readonly string[];
  /** Whether what serves packets is in order. Default: it is. */
  readonly isHealthy?: () => boolean;
  /** Is told that a port cannot be listened on, in a sentence. */
  readonly onProblem: (problem: string) => void;
}

/** A Service's check, and its servers by their addresses. */
interface Checked {
  check: HealthCheck;
  readonly servers: Map<string, Server>;
}

/** A server for each Service that is checked, and each address of the node. */
export class HealthServers {
  readonly #options: HealthServersOptions;
  readonly #checked = new Map<string, Checked>();
  #addresses: readonly string[];

  constructor(options: HealthServersOptions) {
    this.#options = options;
    this.#addresses = [...options.addresses];
  }

  /** The node's addresses are these from now on. */
  listenAt(addresses: readonly string[]): void {
    this.#addresses = [...addresses];
    for (const [service, { check, servers }] of this.#checked) {
      for (const [address, server] of servers) {
        if (addresses.includes(address)) continue;
        close([server]);
        servers.delete(address);
      }
      for (const address of addresses)
        if (!servers.has(address)) servers.set(address, this.#listen(service, address, check.port));
    }
  }

  /** Answers about a Service from now on as the check says; without one, not at all. */
  set(service: string, check: HealthCheck | undefined): void {
    const known = this.#checked.get(service);
    if (known !== undefined && check?.port === known.check.port) {
      known.check = check;
      return;
    }
    if (known !== undefined) close(known.servers.values());
    this.#checked.delete(service);
    if (check === undefined) return;
    const servers = this.#addresses.map((address) => [address, this.#listen(service, address, check.port)] as const);
    this.#checked.set(service, { check, servers: new Map(servers) });
  }

  /** Settles when all servers listen, or cannot. */
  async ready(): Promise<void> {
    const all = [...this.#checked.values()].flatMap(({ servers }) => [...servers.values()]);
    await Promise.all(all.map((server) => waiting.get(server)));
  }

  close(): void {
    for (const { servers } of this.#checked.values()) close(servers.values());
    this.#checked.clear();
  }

  #listen(service: string, address: string, port: number): Server {
    const { isHealthy = () => true, onProblem } = this.#options;
    const server = createServer((_, response) => {
      const check = this.#checked.get(service)?.check;
      if (check === undefined) return response.destroy();
      const { status, headers, body } = healthAnswer(check, isHealthy());
      return response.writeHead(status, headers).end(body);
    });
    const begun = new Promise<void>((done) => {
      server.once('listening', done);
      server.on('error', ({ message }) => {
        onProblem(`the health check of ${service} is not answered at ${address}: ${message}`);
        done();
      });
    });
    waiting.set(server, begun);
    // what ends the process is not this
    server.listen(port, address).unref();
    return server;
  }
}

const waiting = new WeakMap<Server, Promise<void>>();

function close(servers: Iterable<Server>): void {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
}
