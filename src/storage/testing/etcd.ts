import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of a machine that is busy with much else. */
const START_MS = 60_000;

/** The program: that of the oracle, or the system's; undefined where there is none. */
export function findEtcd(): string | undefined {
  const folders = [process.env.ORACLES, join(homedir(), '.cache', 'nekube-oracles'), join(homedir(), 'oracles')];
  for (const folder of folders) {
    const file = folder && join(folder, 'etcd');
    if (file && existsSync(file)) return file;
  }
  return spawnSync('etcd', ['--version'], { stdio: 'ignore' }).status === 0 ? 'etcd' : undefined;
}

/** Why tests of etcd are skipped here; undefined if they are not. */
export const noEtcd =
  findEtcd() === undefined ? 'there is no etcd: install the package etcd-server, or set ORACLES' : undefined;

/** One member, with data of its own; killed and started again as a test likes. */
export class EtcdMember {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #health: string;
  readonly #data: string;
  #child: ChildProcess | undefined;

  constructor(url: string, args: readonly string[], health: string, data: string) {
    this.url = url;
    this.#args = args;
    this.#health = health;
    this.#data = data;
  }

  /** Starts it; `settled` waits until it serves. */
  start(): void {
    this.#child = spawn(findEtcd()!, this.#args, { stdio: 'ignore' });
    process.on('exit', this.#orphan);
  }

  /** Waits until it has a leader. */
  async settled(): Promise<void> {
    for (const end = Date.now() + START_MS; Date.now() < end; await sleep(10)) {
      if (await isHealthy(this.#health)) return;
    }
    throw new Error(`etcd at ${this.url} was not healthy after ${START_MS} ms`);
  }

  /** Sends a signal; SIGKILL resolves when it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    if (signal !== 'SIGKILL') return;
    await gone;
    process.off('exit', this.#orphan);
  }

  /** Removes all that it has; it must not run. */
  wipe(): void {
    rmSync(this.#data, { recursive: true, force: true });
  }

  readonly #orphan = (): void => void this.#child?.kill('SIGKILL');
}

/** What members are started with. */
export interface EtcdFlags {
  readonly count?: number;
  readonly args?: readonly string[];
}

/**
 * Members of one etcd that were started together, ready to serve; gone, with their data, after `use`.
 *
 * @param freePorts gives ports that nobody else takes until they are listened on
 */
export async function withEtcd<T>(
  freePorts: (count: number) => Promise<readonly number[]>,
  use: (members: readonly EtcdMember[]) => Promise<T>,
  { count = 1, args = [] }: EtcdFlags = {},
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-etcd-'));
  const ports = await freePorts(3 * count);
  const address = (i: number): string => `http://127.0.0.1:${ports[i]}`;
  const names = Array.from({ length: count }, (_, i) => `m${i}`);
  const cluster = names.map((name, i) => `${name}=${address(3 * i + 1)}`).join(',');
  const secure = args.some((arg) => arg.startsWith('--cert-file'));
  const members = names.map((name, i) => {
    const client = secure ? address(3 * i).replace('http:', 'https:') : address(3 * i);
    const flags = [
      `--name=${name}`,
      `--data-dir=${join(dir, name)}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${address(3 * i + 1)}`,
      `--initial-advertise-peer-urls=${address(3 * i + 1)}`,
      `--listen-metrics-urls=${address(3 * i + 2)}`,
      `--initial-cluster=${cluster}`,
      '--heartbeat-interval=20',
      `--election-timeout=${count > 1 ? 300 : 100}`,
      // members are killed, the machine is not
      '--unsafe-no-fsync',
      ...args,
    ];
    return new EtcdMember(client, flags, address(3 * i + 2), join(dir, name));
  });
  try {
    for (const member of members) member.start();
    await Promise.all(members.map((member) => member.settled()));
    return await use(members);
  } finally {
    await Promise.all(members.map((member) => member.kill()));
    rmSync(dir, { recursive: true, force: true });
  }
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(`${url}/health`, { agent: false, timeout: 1000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text.includes('"true"')));
      response.on('error', () => resolve(false));
    })
      .on('error', () => resolve(false))
      .on('timeout', () => resolve(false));
  });
}

/** A way to a member that can be cut, for one of several who use it. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #open = true;

  private constructor(to: URL) {
    this.#server = createServer((near) => {
      if (!this.#open) return void near.destroy();
      const far = connect(Number(to.port), to.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  }

  /** A way to the member at a URL. */
  static async to(url: string): Promise<Relay> {
    const relay = new Relay(new URL(url));
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all connections, and lets none through until `mend`. */
  cut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#open = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
