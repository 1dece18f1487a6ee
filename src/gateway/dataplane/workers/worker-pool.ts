import { type ChildProcess, fork } from 'node:child_process';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Endpoints, GatewayModel } from '../../model/index.ts';
import { bindHere } from '../listeners/bind.ts';
import { type FromWorker, packed, placeOf, type ToWorker } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));
/** One that ends is started again after the first, then after twice as long each time. */
const [FIRST_DELAY_MS, LONGEST_DELAY_MS] = [100, 10_000];
/** One that lived so long was well. */
const WELL_MS = 10_000;
/** Beyond the time to drain, before one that does not end is killed. */
const END_MS = 5_000;

/** A process, and what it has of what there is. */
interface Worker {
  readonly child: ChildProcess;
  readonly since: number;
  /** The number of the model that it was sent last. */
  sent: number;
  /** Of the one that it serves; undefined: it serves nothing yet. */
  served: number | undefined;
  readonly servers: Set<Server>;
}

/** A server that is shared, and the first model that has it. */
interface Shared {
  readonly place: string;
  readonly since: number;
}

/** How the further processes are run. */
export interface WorkerPoolOptions {
  readonly count: number;
  readonly onError: (error: unknown) => void;
  /** What is served by all may have changed. */
  readonly changed: () => void;
}

/**
 * The further processes of a data plane. Each has the same listening sockets as this one, which stay here when one ends: the kernel gives
 * a connection to one that waits for it, and none is lost but those that a process had when it died.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #servers = new Map<Server, Shared>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #settled: (() => void)[] = [];
  #model: GatewayModel | undefined;
  /** Endpoints that are newer than the model. */
  readonly #endpoints = new Map<string, Endpoints>();
  #sequence = 0;
  #failures = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    for (let i = 0; i < options.count; i++) this.#start();
  }

  /** The processes that there are now. */
  get pids(): number[] {
    return [...this.#workers].flatMap(({ child }) => child.pid ?? []);
  }

  /** Whether all that serve do so by the last model. */
  get settled(): boolean {
    return [...this.#workers].every(({ served }) => served === undefined || served === this.#sequence);
  }

  update(model: GatewayModel): void {
    this.#model = withoutUdp(model);
    this.#endpoints.clear();
    this.#sequence++;
    for (const worker of this.#workers) this.#feed(worker);
  }

  updateEndpoints(changed: readonly Endpoints[]): void {
    for (const endpoints of changed) this.#endpoints.set(endpoints.name, endpoints);
    for (const { child } of this.#workers) send(child, { type: 'endpoints', changed: packed(changed) });
  }

  /** Binds a server here, and has the others accept from it, too. One that they still have of a listener that is gone is waited for. */
  async bind(server: Server, address: string, port: number): Promise<void> {
    try {
      await bindHere(server, address, port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || this.settled) throw error;
      await new Promise<void>((resolve) => this.#settled.push(resolve));
      await bindHere(server, address, port);
    }
    server.once('close', () => this.#servers.delete(server));
    this.#servers.set(server, { place: placeOf(address, port), since: this.#sequence });
    for (const worker of this.#workers) this.#feed(worker);
  }

  /** Ends all, when their connections have or the time is over. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const ended = [...this.#workers].map(({ child }) => {
      const killing = setTimeout(() => child.kill('SIGKILL'), drainMs + END_MS);
      send(child, { type: 'close', drainMs });
      return new Promise<void>((resolve) => child.once('exit', () => resolve())).finally(() => clearTimeout(killing));
    });
    await Promise.all(ended);
  }

  #start(): void {
    const child = fork(PROGRAM, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const worker: Worker = { child, since: performance.now(), sent: 0, served: undefined, servers: new Set() };
    this.#workers.add(worker);
    child.on('message', ({ served }: FromWorker) => {
      worker.served = served;
      this.#feed(worker);
      this.#settle();
    });
    child.on('error', this.#options.onError);
    child.once('exit', (code, signal) => this.#ended(worker, signal ?? `status ${code}`));
    this.#feed(worker);
  }

  /** Sends what it has not: the last model when it has taken the one before, and servers when it serves the model that has them. */
  #feed(worker: Worker): void {
    const { child, served } = worker;
    for (const [server, { place, since }] of this.#servers) {
      if (served === undefined || served < since || !server.listening || worker.servers.has(server)) continue;
      worker.servers.add(server);
      send(child, { type: 'listen', place }, server);
    }
    const waits = worker.sent !== (served ?? 0);
    if (this.#model === undefined || waits || worker.sent === this.#sequence) return;
    worker.sent = this.#sequence;
    const endpoints = new Map([...this.#model.endpoints, ...this.#endpoints]);
    send(child, { type: 'model', sequence: this.#sequence, model: packed({ ...this.#model, endpoints }) });
  }

  #ended(worker: Worker, how: string): void {
    this.#workers.delete(worker);
    this.#settle();
    if (this.#closed) return;
    this.#failures = performance.now() - worker.since > WELL_MS ? 0 : this.#failures + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    const message = `process ${worker.child.pid} of the data plane ended (${how}); it is started again in ${delayMs} ms`;
    this.#options.onError(new Error(message));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start();
    }, delayMs);
    this.#timers.add(timer);
  }

  #settle(): void {
    if (this.settled) for (const resolve of this.#settled.splice(0)) resolve();
    this.#options.changed();
  }
}

/** What cannot be told to one that is gone needs not be: its end is seen. */
function send(child: ChildProcess, message: ToWorker, server?: Server): void {
  if (child.connected) child.send(message, server, {}, () => {});
}

/** Sessions of UDP are of one process: the one that has the port. */
function withoutUdp(model: GatewayModel): GatewayModel {
  const gateways = model.gateways.map((gateway) => ({
    ...gateway,
    listeners: gateway.listeners.filter(({ transport }) => transport !== 'UDP'),
  }));
  return { ...model, gateways };
}
