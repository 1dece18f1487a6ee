import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import { portLine } from './inward.ts';
import { joinSockets } from './join-sockets.ts';

const INSIDE = fileURLToPath(new URL('./inside.js', import.meta.url));
/** Of a question for a name nothing is heard but by what stands here. */
const RESOLV_CONF = 'nameserver 127.0.0.1\noptions ndots:1 timeout:1 attempts:1\n';

/** What is told on fd 3 from within: which address stands for a name, to whom a packet was sent, or that packets are watched. */
export type Report =
  | { readonly name: string; readonly address: string }
  | { readonly sent: string }
  | { readonly isWatched: true };

/** A command, and what it needs. */
export interface Wrapped {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * A network from which a process reaches the API server and nobody else: a namespace that is there as long as its processes are, so that
 * nothing is left of it, however they end. Whom they ask for by name, and try to reach, is known.
 */
export class IsolatedNetwork {
  readonly #flags: readonly string[];
  readonly #dir = makeTemporaryFolder('nekube-isolated');
  readonly #relay: Server;
  readonly #port: string;
  readonly #names = new Map<string, string>();
  readonly #sent = new Set<string>();
  #isWatched = false;
  #unread = '';

  private constructor(flags: readonly string[], apiServer: URL) {
    this.#flags = flags;
    this.#port = apiServer.port;
    this.#relay = createServer((socket) => joinSockets(socket, connect(Number(apiServer.port), apiServer.hostname)));
    writeFileSync(join(this.#dir, 'resolv.conf'), RESOLV_CONF);
  }

  /** Undefined: such a network cannot be made here, or the API server is not at 127.0.0.1. */
  static async open(apiServer: URL): Promise<IsolatedNetwork | undefined> {
    const flags = apiServer.hostname === '127.0.0.1' ? flagsHere() : undefined;
    if (flags === undefined) return undefined;
    const network = new IsolatedNetwork(flags, apiServer);
    await new Promise<void>((resolve, reject) => {
      network.#relay.once('error', reject).listen(join(network.#dir, 'api'), resolve);
    });
    network.#relay.unref();
    return network;
  }

  /** A command as it is to be started: with a pipe as its stdin, which ends it, and one as fd 3, for {@link reported}. */
  wrapped(command: string, args: readonly string[]): Wrapped {
    const files = ['api', 'inward', 'resolv.conf'].map((name) => join(this.#dir, name));
    const inside = [process.execPath, INSIDE, this.#port, ...files, command, ...args];
    return { command: 'unshare', args: [...this.#flags, '--', ...inside] };
  }

  /** A connection to a port of whoever is in it. */
  connect(port: number): Socket {
    const socket = connect(join(this.#dir, 'inward'));
    socket.write(portLine(port));
    return socket;
  }

  /** Takes what came on fd 3. */
  reported(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop()!;
    for (const line of lines) {
      const report = JSON.parse(line) as Report;
      if ('name' in report) this.#names.set(report.address, report.name);
      else if ('sent' in report) this.#sent.add(report.sent);
      else this.#isWatched = true;
    }
  }

  /** Whether each packet is seen that goes out; else it is only known who has a connection. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** Whom it tried to reach, `NAME:PORT` or `ADDRESS:PORT`, and which names it asked for besides. */
  told(connections: readonly string[]): readonly string[] {
    const reached = [...connections, ...this.#sent].map((one) => {
      const [, address = '', rest = ''] = /^(\[[^\]]*\]|[^: ]*)(.*)$/.exec(one)!;
      const plain = address.replace(/^\[::ffff:(.*)\]$/, '$1');
      return `${this.#names.get(plain) ?? address}${rest}`;
    });
    const asked = [...this.#names.values()].filter(
      (name) => !reached.some((one) => /^[: ]/.test(one.slice(name.length)) && one.startsWith(name)),
    );
    return [...new Set([...reached, ...asked.map((name) => `${name} (a question for its address)`)])].sort();
  }

  close(): void {
    this.#relay.close();
    removeTemporaryFolder(this.#dir);
  }
}

/** The flags of `unshare` with which namespaces can be made here; undefined: none. */
function flagsHere(): readonly string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const ways = [
    ['--net', '--mount'],
    ['--user', '--map-root-user', '--net', '--mount'],
  ];
  return ways.find((flags) => spawnSync('unshare', [...flags, 'ip', 'link', 'set', 'lo', 'up']).status === 0);
}
