import { type Client, type Clock, systemClock } from 'nekube/client';
import { aborted, deferred } from './deferred.ts';
import { type AroundReconcile, noMetrics, type RuntimeMetrics } from './hooks.ts';
import { type Logger, silentLogger } from './log/logger.ts';
import type { Runnable, RunnableGroup } from './runnable.ts';
import { RunnableSet } from './runnable-set.ts';
import { within } from './within.ts';

/** How a manager is made. */
export interface ManagerOptions {
  /** Of the cluster that it works on. It stays the caller's, who closes it. */
  readonly client: Client;
  /** Default: silence. */
  readonly logger?: Logger;
  /** Default: nobody listens. */
  readonly metrics?: RuntimeMetrics;
  /** Runs around every reconcile: for traces. */
  readonly aroundReconcile?: AroundReconcile;
  /** How long what runs may take to end when the manager stops; default 30,000; negative: for ever. */
  readonly gracefulStopMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The groups in the order in which they start; `leaderElection` follows when this instance leads. */
const STARTING: readonly RunnableGroup[] = ['http', 'webhooks', 'caches', 'others', 'warmup'];
/** And in which they stop: what serves others ends last. */
const STOPPING: readonly RunnableGroup[] = ['others', 'leaderElection', 'caches', 'webhooks', 'http'];

/**
 * Runs controllers, and what they need, from start to stop.
 *
 * All that is added before `start` begins in the order of its group (see {@link RunnableGroup}), and what is added later
 * begins at once. When the signal is aborted, or anything that runs fails, everything is stopped.
 */
export class Manager {
  readonly client: Client;
  readonly logger: Logger;
  readonly metrics: RuntimeMetrics;
  readonly clock: Clock;
  readonly aroundReconcile: AroundReconcile | undefined;
  readonly #groups: Readonly<Record<RunnableGroup, RunnableSet>>;
  readonly #failure = deferred<never>();
  readonly #elected = deferred<void>();
  #gracefulStopMs: number;
  #state: 'new' | 'running' | 'stopping' | 'stopped' = 'new';

  constructor(options: ManagerOptions) {
    this.client = options.client;
    this.logger = options.logger ?? silentLogger;
    this.metrics = options.metrics ?? noMetrics;
    this.clock = options.clock ?? systemClock;
    this.aroundReconcile = options.aroundReconcile;
    this.#gracefulStopMs = options.gracefulStopMs ?? 30_000;
    const set = (): RunnableSet => new RunnableSet((error, runnable) => this.#fail(error, runnable));
    this.#groups = {
      http: set(),
      webhooks: set(),
      caches: set(),
      others: set(),
      warmup: set(),
      leaderElection: set(),
    };
  }

  /** Resolves when this instance leads; at once after the start where there is no election. */
  get elected(): Promise<void> {
    return this.#elected.promise;
  }

  /** Adds something to start and stop with the rest; a function belongs to the leader. @throws Error when it is stopping */
  add(runnable: Runnable | ((signal: AbortSignal) => Promise<void>)): void {
    const added: Runnable =
      typeof runnable === 'function' ? { name: runnable.name || 'function', start: runnable } : runnable;
    if (added.warmup) {
      this.#groups.warmup.add({ name: `${added.name} (warm-up)`, start: async (signal) => added.warmup!(signal) });
    }
    this.#groups[added.group ?? 'leaderElection'].add(added);
  }

  /**
   * Runs until the signal is aborted and everything has ended.
   *
   * Rejects with the first error of anything that runs, after stopping the rest; and if something does not end in time.
   * A manager starts once.
   */
  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    if (this.#state !== 'new') throw new Error('Cannot start a manager twice');
    this.#state = 'running';
    try {
      const over = Promise.race([aborted(signal), this.#failure.promise]);
      await Promise.race([this.#startGroups(), over]);
      await over;
    } catch (error) {
      await this.#stop().catch((late) => this.logger.error(late, 'Failed to stop'));
      throw error;
    }
    await this.#stop();
  }

  async #startGroups(): Promise<void> {
    for (const group of STARTING) {
      if (this.#state !== 'running') return;
      await this.#groups[group].start();
    }
    if (this.#state === 'running') await this.#lead();
  }

  async #lead(): Promise<void> {
    await this.#groups.leaderElection.start();
    this.#elected.resolve();
  }

  #fail(error: unknown, runnable: Runnable): void {
    if (this.#state === 'stopping') this.logger.error(error, 'Failed while stopping', { runnable: runnable.name });
    this.#failure.reject(error);
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping';
    this.logger.info('Stopping');
    const ended = await within(this.#gracefulStopMs, this.#stopGroups(), this.clock);
    this.#state = 'stopped';
    if (ended || this.#gracefulStopMs === 0) return;
    const left = Object.values(this.#groups).flatMap(({ running }) => running);
    throw new Error(`Cannot stop within ${this.#gracefulStopMs} ms: still running: ${left.join(', ')}`);
  }

  async #stopGroups(): Promise<void> {
    const warmup = this.#groups.warmup.stop();
    for (const group of STOPPING) await this.#groups[group].stop();
    await warmup;
  }
}
