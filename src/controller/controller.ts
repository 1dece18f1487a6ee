import { randomUUID } from 'node:crypto';
import { isStatusError } from 'nekube/apimachinery';
import { type Clock, systemClock } from 'nekube/client';
import { aborted } from './deferred.ts';
import { type AroundReconcile, type ControllerMetrics, noMetrics, type RuntimeMetrics } from './hooks.ts';
import { type Logger, silentLogger } from './log/logger.ts';
import { defaultLimiter, exponentialLimiter, type RateLimiter } from './queue/rate-limiters.ts';
import { type Taken, WorkQueue } from './queue/work-queue.ts';
import {
  isPanic,
  isTerminalError,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  ReconcileTimeoutError,
} from './reconcile.ts';
import type { Runnable, RunnableGroup } from './runnable.ts';
import type { Source } from './source.ts';
import { within } from './within.ts';

/** How a controller works. */
export interface ControllerOptions {
  /** How many requests are reconciled at the same time; never two of the same. Default 1. */
  readonly maxConcurrentReconciles?: number;
  /** How long a request waits that failed. Default: 5 ms, doubled by each failure, at most 1000 s. */
  readonly rateLimiter?: RateLimiter;
  /** After so long a reconcile's signal is aborted. It still holds its request until it ends. Default: never. */
  readonly reconcileTimeoutMs?: number;
  /** How long its sources may take until all that was there is in the queue; default 120,000. */
  readonly syncTimeoutMs?: number;
  /** How long a reconcile may go on when the manager stops, before its signal is aborted; default 0. */
  readonly stopGraceMs?: number;
  /** False: it runs on every instance, not only on the leader's. Default true. */
  readonly leaderElected?: boolean;
  /** True: its sources start before this instance leads, so that it can begin at once. Default false. */
  readonly warmup?: boolean;
  /** False: first come, first served, as client-go's queue. Default true. */
  readonly usePriorityQueue?: boolean;
}

/** What a controller is made of. */
export interface ControllerParts<R> {
  readonly name: string;
  readonly reconcile: Reconciler<R>;
  readonly sources?: readonly Source<R>[];
  /** Two requests with the same text are one. */
  readonly textOf: (request: R) => string;
  /** What a log says of a request. */
  readonly valuesOf?: (request: R) => Readonly<Record<string, unknown>>;
  readonly options?: ControllerOptions;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
  readonly around?: AroundReconcile;
  readonly clock?: Clock;
}

/** A reconcile that goes on. */
interface Running {
  readonly abort: AbortController;
  timedOut: boolean;
}

/** Calls a function for each request that its sources bring, as often as it takes, and never twice at once for the same. */
export class Controller<R> implements Runnable {
  readonly name: string;
  readonly group: RunnableGroup;
  readonly queue: WorkQueue<R>;
  readonly warmup: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly #parts: ControllerParts<R>;
  readonly #options: ControllerOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #metrics: ControllerMetrics;
  readonly #sources: Source<R>[];
  readonly #running = new Set<Running>();
  #starting: Promise<void> | undefined;
  #isStarted = false;
  #signal: AbortSignal | undefined;

  constructor(parts: ControllerParts<R>) {
    const { name, options = {}, clock = systemClock, metrics = noMetrics } = parts;
    const prioritized = options.usePriorityQueue ?? true;
    this.name = name;
    this.group = options.leaderElected === false ? 'others' : 'leaderElection';
    this.#parts = parts;
    this.#options = options;
    this.#clock = clock;
    this.#log = (parts.logger ?? silentLogger).with({ controller: name });
    this.#sources = [...(parts.sources ?? [])];
    this.queue = new WorkQueue<R>({
      keyOf: parts.textOf,
      rateLimiter: options.rateLimiter ?? (prioritized ? exponentialLimiter() : defaultLimiter(clock)),
      priorities: prioritized,
      clock,
      metrics: metrics.queue(name),
    });
    this.#metrics = metrics.controller(name);
    this.#metrics.observe(() => ({ workers: this.#workers, active: this.#running.size }));
    this.warmup =
      options.warmup && this.group === 'leaderElection' ? (signal) => this.#startSources(signal) : undefined;
  }

  get #workers(): number {
    return this.#options.maxConcurrentReconciles ?? 1;
  }

  /** Adds a source; resolves when it has started, which is at once before the controller has. */
  async watch(source: Source<R>): Promise<void> {
    if (this.#signal === undefined) this.#sources.push(source);
    else await this.#startSource(source, this.#signal);
  }

  /** Reconciles until the signal is aborted and all reconciles have ended. Rejects if a source cannot start. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#isStarted) throw new Error(`Cannot start controller ${this.name} twice`);
    this.#isStarted = true;
    await this.#startSources(signal);
    this.#log.info('Starting workers', { workers: this.#workers });
    const workers = Promise.all(Array.from({ length: this.#workers }, () => this.#work(signal)));
    await aborted(signal);
    const ended = await within(this.#options.stopGraceMs ?? 0, workers, this.#clock);
    if (!ended) for (const { abort } of this.#running) abort.abort(signal.reason);
    await workers;
    this.#log.info('All workers finished');
  }

  #startSources(signal: AbortSignal): Promise<void> {
    this.#starting ??= this.#startAllSources(signal);
    return this.#starting;
  }

  async #startAllSources(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    void aborted(signal).then(() => this.queue.shutDown({ drop: true }));
    await Promise.all(this.#sources.splice(0).map((source) => this.#startSource(source, signal)));
  }

  async #startSource(source: Source<R>, signal: AbortSignal): Promise<void> {
    this.#log.debug('Starting source', { source: source.name });
    const ms = this.#options.syncTimeoutMs ?? 120_000;
    const started = source.start(this.queue, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (await within(ms, Promise.race([started, aborted(signal)]), this.#clock)) return;
    const what = `Cannot start controller ${this.name}: its source ${source.name} is not in step after ${ms} ms`;
    const { lastError } = source;
    const why = lastError instanceof Error ? `: ${lastError.message}` : '';
    throw new Error(`${what}${why}`, { cause: lastError });
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const taken = await this.queue.get();
      if (taken === undefined) return;
      await this.#handle(taken, signal);
      this.queue.done(taken.item);
    }
  }

  /** Reconciles once, and puts the request where it belongs after that. Never throws. */
  async #handle({ item, priority }: Taken<R>, signal: AbortSignal): Promise<void> {
    const running: Running = { abort: new AbortController(), timedOut: false };
    const context = this.#contextOf(item, priority, running.abort.signal);
    const began = this.#clock.elapsed();
    const tookMs = (): number => this.#clock.elapsed() - began;
    const cancel = this.#limit(running, context);
    this.#running.add(running);
    try {
      const result = await this.#reconcile(item, context);
      this.#succeeded(item, result ?? {}, priority, tookMs());
    } catch (thrown) {
      if (signal.aborted) context.log.debug('Given up, because the manager is stopping', { error: thrown });
      else this.#failed(item, thrown, context, tookMs());
    } finally {
      cancel();
      this.#running.delete(running);
    }
    if (running.timedOut) this.#metrics.failed('timeout');
  }

  async #reconcile(item: R, context: ReconcileContext): Promise<ReconcileResult | undefined> {
    const { around, reconcile, textOf, name } = this.#parts;
    const call = async (): Promise<ReconcileResult | undefined> => (await reconcile(item, context)) ?? undefined;
    if (around === undefined) return call();
    const { reconcileId, priority } = context;
    return around({ controller: name, request: textOf(item), reconcileId, priority }, call);
  }

  #contextOf(item: R, priority: number, signal: AbortSignal): ReconcileContext {
    const { valuesOf, textOf } = this.#parts;
    const values = valuesOf ?? ((request: R) => ({ request: textOf(request) }));
    const { queue } = this;
    const parent = this.#log;
    let id: string | undefined;
    let log: Logger | undefined;
    return {
      signal,
      priority,
      get reconcileId() {
        return (id ??= randomUUID());
      },
      get log() {
        return (log ??= parent.with({ ...values(item), reconcileId: this.reconcileId }));
      },
      get failures() {
        return queue.numRequeues(item);
      },
    };
  }

  /** Ends a reconcile's patience with itself after its time. */
  #limit(running: Running, context: ReconcileContext): () => void {
    const { reconcileTimeoutMs } = this.#options;
    if (reconcileTimeoutMs === undefined) return () => {};
    return this.#clock.after(reconcileTimeoutMs, () => {
      running.timedOut = true;
      running.abort.abort(new ReconcileTimeoutError(`The reconcile has taken more than ${reconcileTimeoutMs} ms`));
      context.log.warn('Reconcile has taken too long; its signal is aborted', { timeoutMs: reconcileTimeoutMs });
    });
  }

  #succeeded(item: R, result: ReconcileResult, had: number, tookMs: number): void {
    const priority = result.priority ?? had;
    const afterMs = result.requeueAfterMs ?? 0;
    if (afterMs > 0) {
      this.queue.forget(item);
      this.queue.add(item, { afterMs, priority });
      this.#metrics.reconciled('requeue_after', tookMs);
    } else if (result.requeue) {
      this.queue.add(item, { rateLimited: true, priority });
      this.#metrics.reconciled('requeue', tookMs);
    } else {
      this.queue.forget(item);
      this.#metrics.reconciled('success', tookMs);
    }
  }

  #failed(item: R, thrown: unknown, context: ReconcileContext, tookMs: number): void {
    const terminal = isTerminalError(thrown);
    if (terminal) this.#metrics.failed('terminal');
    else if (isPanic(thrown)) this.#metrics.failed('panic');
    this.#metrics.reconciled('error', tookMs);
    const { failures, priority, log } = context;
    if (!terminal) this.queue.add(item, { rateLimited: true, priority });
    // somebody else was faster: nothing is wrong, and the next try sees what they wrote
    if (isStatusError(thrown, 'Conflict') && !terminal)
      log.info('Reconcile met a conflict and is tried again', { failures });
    else log.error(thrown, terminal ? 'Reconcile failed for good' : 'Reconcile failed', { failures });
  }
}
