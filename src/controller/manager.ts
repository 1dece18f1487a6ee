import { setMaxListeners } from 'node:events';
import type { KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, type IndexFunction, type Kind, systemClock } from 'nekube/client';
import { ControllerBuilder } from './builder.ts';
import { Cache, type CacheOptions } from './cache/cache.ts';
import type { Reader } from './cache/reader.ts';
import type { ControllerOptions } from './controller.ts';
import { aborted, deferred } from './deferred.ts';
import { EventRecorder } from './event-recorder.ts';
import { type AroundReconcile, noMetrics, type RuntimeMetrics } from './hooks.ts';
import { LeaderElector, type LeaderElectionOptions } from './leader-election/leader-elector.ts';
import { type Logger, silentLogger } from './log/logger.ts';
import type { Runnable, RunnableGroup } from './runnable.ts';
import { RunnableSet } from './runnable-set.ts';
import { within } from './within.ts';

/** How a manager is made. */
export interface ManagerOptions {
  /** Of the cluster that it works on. */
  readonly client: Client;
  /** True: the client is closed when the manager has ended. Default: it stays the caller's. */
  readonly closesClient?: boolean;
  /** What of the cluster is cached; default: all objects of the kinds that are watched or read. */
  readonly cache?: CacheOptions;
  /** Default: none; every instance leads. */
  readonly leaderElection?: LeaderElectionOptions;
  /** What controllers are like that do not say otherwise. */
  readonly controllers?: ControllerOptions;
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
  /** The informers that all controllers share. */
  readonly cache: Cache;
  /** Absent: there is no election. */
  readonly elector: LeaderElector | undefined;
  readonly #options: ManagerOptions;
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #controllers = new Set<string>();
  readonly #stopRecorders = new AbortController();
  readonly #stopElection = new AbortController();
  #election: Promise<void> = Promise.resolve();
  readonly #groups: Readonly<Record<RunnableGroup, RunnableSet>>;
  readonly #failure = deferred<never>();
  readonly #elected = deferred<void>();
  #gracefulStopMs: number;
  #state: 'new' | 'running' | 'stopping' | 'stopped' = 'new';

  constructor(options: ManagerOptions) {
    // each controller's recorder listens to it
    setMaxListeners(0, this.#stopRecorders.signal);
    this.client = options.client;
    this.logger = options.logger ?? silentLogger;
    this.metrics = options.metrics ?? noMetrics;
    this.clock = options.clock ?? systemClock;
    this.aroundReconcile = options.aroundReconcile;
    this.#options = options;
    this.#gracefulStopMs = options.gracefulStopMs ?? 30_000;
    this.cache = new Cache({
      client: this.client,
      options: options.cache,
      logger: this.logger.named('cache'),
      clock: this.clock,
    });
    this.elector = options.leaderElection && this.#newElector(options.leaderElection);
    const set = (): RunnableSet => new RunnableSet((error, runnable) => this.#fail(error, runnable));
    this.#groups = {
      http: set(),
      webhooks: set(),
      caches: set(),
      others: set(),
      warmup: set(),
      leaderElection: set(),
    };
    this.add(this.cache);
  }

  /** Resolves when this instance leads; at once after the start where there is no election. */
  get elected(): Promise<void> {
    return this.#elected.promise;
  }

  /** Reads what is cached. */
  get reader(): Reader {
    return this.cache;
  }

  /** Begins to describe a controller, which the builder's `reconcile` adds. @throws Error if the name is taken */
  controller(name: string, options: ControllerOptions = {}): ControllerBuilder {
    return new ControllerBuilder({
      name,
      cache: this.cache,
      client: this.client,
      logger: this.logger,
      metrics: this.metrics,
      around: this.aroundReconcile,
      clock: this.clock,
      options: { ...this.#options.controllers, ...options },
      recorder: () => this.eventRecorder(name),
      add: (controller) => {
        if (this.#controllers.has(name)) {
          throw new Error(`There is a controller ${name} already: its name tells whose metrics and fields are whose`);
        }
        this.#controllers.add(name);
        this.add(controller);
      },
    });
  }

  /** Adds an index to the cache of a kind, for `reader.byIndex`. Indexes are best added before the start. */
  addIndex<T extends KubeObject>(kind: Kind<T>, name: string, index: IndexFunction<T>): void {
    this.cache.addIndex(kind, name, index);
  }

  /** Tells events by a reporting controller's name; the same recorder each time. All are written before the manager ends. */
  eventRecorder(controller: string): EventRecorder {
    let recorder = this.#recorders.get(controller);
    if (recorder === undefined) {
      const { client, clock, logger } = this;
      recorder = new EventRecorder({ client, controller, clock, logger: logger.named('events') });
      recorder.run(this.#stopRecorders.signal);
      this.#recorders.set(controller, recorder);
    }
    return recorder;
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

  /** Starts what only the leader does, as soon as this instance is the leader. */
  async #lead(): Promise<void> {
    if (this.elector === undefined) return this.#startLeading();
    const { elector } = this;
    this.#election = elector.run(this.#stopElection.signal, () => {
      this.#recordLeader('became leader');
      this.#startLeading().catch((error: unknown) => this.#failure.reject(error));
    });
    this.#election.catch((error: unknown) => {
      // another may lead by now: there is no time left to end in
      this.#gracefulStopMs = 0;
      this.#recordLeader('stopped leading');
      this.#failure.reject(error);
    });
  }

  async #startLeading(): Promise<void> {
    if (this.#state !== 'running') return;
    await this.#groups.leaderElection.start();
    this.#elected.resolve();
  }

  #newElector(options: LeaderElectionOptions): LeaderElector {
    const { client, clock, metrics } = this;
    const logger = this.logger.named('leader-election');
    return new LeaderElector({ ...options, client, clock, metrics, logger, releaseOnCancel: false });
  }

  #recordLeader(what: string): void {
    const { lease, identity } = this.elector!;
    if (lease === undefined) return;
    this.eventRecorder(identity).record(lease, { reason: 'LeaderElection', note: `${identity} ${what}` });
  }

  #fail(error: unknown, runnable: Runnable): void {
    if (this.#state === 'stopping') this.logger.error(error, 'Failed while stopping', { runnable: runnable.name });
    this.#failure.reject(error);
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping';
    this.logger.info('Stopping');
    const graceMs = this.#gracefulStopMs;
    const ended = await within(graceMs, this.#stopGroups(), this.clock);
    await this.#endElection(ended);
    const flushed = Promise.all([...this.#recorders.values()].map((recorder) => recorder.flush()));
    await within(graceMs, flushed, this.clock);
    this.#stopRecorders.abort();
    if (this.#options.closesClient) await this.client.close();
    this.#state = 'stopped';
    if (ended || graceMs === 0) return;
    const left = Object.values(this.#groups).flatMap(({ late }) => late);
    throw new Error(`Cannot stop within ${graceMs} ms: still running: ${left.join(', ')}`);
  }

  /** The lease is let go of only if nothing works any more; otherwise others wait until it runs out. */
  async #endElection(ended: boolean): Promise<void> {
    this.#stopElection.abort(new DOMException('The manager is stopping', 'AbortError'));
    await this.#election.catch(() => {});
    if (ended && (this.#options.leaderElection?.releaseOnCancel ?? true)) await this.elector?.release();
  }

  async #stopGroups(): Promise<void> {
    // without time to end in nothing waits for anything: above all not what only a leader may do
    const hurry = this.#gracefulStopMs === 0;
    const all: Promise<void>[] = [this.#groups.warmup.stop()];
    for (const group of STOPPING) {
      const stopped = this.#groups[group].stop();
      all.push(stopped);
      if (!hurry) await stopped;
    }
    await Promise.all(all);
  }
}
