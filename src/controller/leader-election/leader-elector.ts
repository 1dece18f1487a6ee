import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Client, type Clock, sleep, systemClock } from 'nekube/client';
import { type LeaderElectionMetrics, noMetrics, type RuntimeMetrics } from '../hooks.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import { type Lease, LeaseLock, type LeaseRecord, leaseTime } from './lease-lock.ts';

/** How instances of a program find the one that works. The times are client-go's. */
export interface LeaderElectionOptions {
  /** Of the Lease; the same for all candidates, and for nobody else: `web.example.com`. */
  readonly name: string;
  /** Where the Lease is; default: the client's namespace. */
  readonly namespace?: string;
  /** Who this candidate is; default: the machine's name and something random. */
  readonly identity?: string;
  /** How long others wait for a leader that they hear nothing of, in whole seconds; default 15,000. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it gives up; default 10,000. */
  readonly renewDeadlineMs?: number;
  /** How long everybody waits between tries; default 2000. */
  readonly retryPeriodMs?: number;
  /** True, the default: a leader that stops lets go of the Lease, so that another need not wait. */
  readonly releaseOnCancel?: boolean;
  /** Is told of each leader that is seen, first of all the one at the start. */
  readonly onNewLeader?: (identity: string) => void;
}

/** What an elector is made of. */
export interface LeaderElectorParts extends LeaderElectionOptions {
  readonly client: Client;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

/** This instance led, and could not renew its lease: another may lead by now. */
export class LeadershipLostError extends Error {
  override name = 'LeadershipLostError';
}

/** Candidates wait this much longer than the retry period, at random, so that they do not come all at once. */
const JITTER_FACTOR = 1.2;

/**
 * Takes part in an election that is held on a Lease.
 *
 * A lease is valid as long as its record has not stood unchanged for its duration, by what this candidate saw and by its
 * own clock's `elapsed`: no two machines need the same time of day, only the same speed of time. A leader counts from when
 * it *sent* its last successful renewal, not from when the answer came, so that a slow server cannot make it lead for
 * longer than others wait.
 */
export class LeaderElector {
  readonly identity: string;
  readonly #lock: LeaseLock;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #metrics: LeaderElectionMetrics;
  readonly #random: () => number;
  readonly #onNewLeader: (identity: string) => void;
  readonly #releaseOnCancel: boolean;
  readonly #leaseMs: number;
  readonly #renewMs: number;
  readonly #retryMs: number;
  #observed: LeaseRecord = {};
  #observedAt = 0;
  #observedText = '';
  #reportedLeader = '';
  /** Up to when this instance may act as the leader, by `elapsed`. */
  #leadsUntil = 0;

  /** @throws RangeError if the times do not fit together */
  constructor(parts: LeaderElectorParts) {
    const { client, name, namespace = client.defaultNamespace, clock = systemClock, logger = silentLogger } = parts;
    this.identity = parts.identity ?? `${hostname()}_${randomUUID()}`;
    this.#leaseMs = Math.floor((parts.leaseDurationMs ?? 15_000) / 1000) * 1000;
    this.#renewMs = parts.renewDeadlineMs ?? 10_000;
    this.#retryMs = parts.retryPeriodMs ?? 2000;
    checkTimes(this.#leaseMs, this.#renewMs, this.#retryMs);
    if (this.identity === '') throw new RangeError('identity must not be empty');
    this.#lock = new LeaseLock(client, { namespace, name });
    this.#clock = clock;
    this.#log = logger.with({ lease: `${namespace}/${name}`, identity: this.identity });
    this.#metrics = (parts.metrics ?? noMetrics).leaderElection(name);
    this.#metrics.leading(false);
    this.#random = parts.random ?? Math.random;
    this.#onNewLeader = parts.onNewLeader ?? (() => {});
    this.#releaseOnCancel = parts.releaseOnCancel ?? true;
  }

  /** Whether this instance may act as the leader at this moment. */
  get isLeader(): boolean {
    return this.#clock.elapsed() < this.#leadsUntil;
  }

  /** The identity of the leader that was seen last; empty: none. */
  get leader(): string {
    return this.#observed.holderIdentity ?? '';
  }

  /** The Lease as it was seen last. */
  get lease(): Lease | undefined {
    return this.#lock.seen;
  }

  /**
   * Waits until this instance leads, calls `lead`, and goes on renewing.
   *
   * Resolves when the signal is aborted, after letting go of the Lease where that is wanted. What `lead` began must have
   * ended by then. Rejects with a LeadershipLostError when the lease cannot be renewed in time.
   *
   * @param lead gets a signal that is aborted as soon as this instance no longer leads
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => void): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    this.#log.info('Leading');
    this.#metrics.leading(true);
    const leading = new AbortController();
    try {
      lead(leading.signal);
      await this.#renew(signal);
    } catch (error) {
      leading.abort(error);
      throw error;
    } finally {
      this.#metrics.leading(false);
    }
    if (this.#releaseOnCancel) await this.release();
    leading.abort(signal.reason);
  }

  /** Lets go of the Lease, if it is this instance's; whether that went through. Nobody acts as the leader from then on. */
  async release(): Promise<boolean> {
    const wasLeader = this.isLeader;
    this.#leadsUntil = 0;
    if (!wasLeader) return false;
    const limit = this.#limit(this.#renewMs);
    try {
      const record = await this.#lock.get(limit.signal);
      if (record?.holderIdentity !== this.identity) return false;
      const now = leaseTime(this.#clock.now());
      const { leaseTransitions } = record;
      const released = { leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
      await this.#lock.update(released, limit.signal);
      this.#observe(released);
      this.#log.info('Released the lease');
      return true;
    } catch (error) {
      this.#log.warn('Cannot release the lease', { error });
      return false;
    } finally {
      limit.cancel();
    }
  }

  /**
   * For a health check: a leader that has not renewed for its lease's duration and `toleranceMs` longer should have ended,
   * and is stuck.
   *
   * @throws Error that says so
   */
  check(toleranceMs = 20_000): void {
    if (this.leader !== this.identity) return;
    if (this.#clock.elapsed() - this.#observedAt > this.#leaseMs + toleranceMs) {
      throw new Error(`failed election to renew leadership on lease ${this.#lock.key.name}`);
    }
  }

  /** Whether this instance leads, in the end; false: the signal was aborted. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#try(signal)) return true;
      const waitMs = this.#retryMs * (1 + this.#random() * JITTER_FACTOR);
      await sleep(waitMs, this.#clock, signal).catch(() => {});
    }
    return false;
  }

  /** Renews until the signal is aborted. @throws LeadershipLostError */
  async #renew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const left = this.#leadsUntil - this.#clock.elapsed();
      const limit = this.#limit(left, signal);
      try {
        await sleep(this.#retryMs, this.#clock, limit.signal).catch(() => {});
        if (signal.aborted) return;
        if (!limit.signal.aborted) await this.#try(limit.signal);
      } finally {
        limit.cancel();
      }
      if (!this.isLeader && !signal.aborted) throw new LeadershipLostError('leader election lost');
    }
  }

  /** Tries once to become the leader or to stay it. */
  async #try(signal: AbortSignal): Promise<boolean> {
    // half of the deadline, so that a request that hangs leaves time for another
    const limit = this.#limit(this.#renewMs / 2, signal);
    try {
      return await this.#acquireOrRenew(limit.signal);
    } catch (error) {
      if (!signal.aborted) this.#log.debug('Cannot acquire or renew the lease', { error });
      return false;
    } finally {
      limit.cancel();
      this.#report();
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    if (this.isLeader && (await this.#renewAsSeen(signal))) return true;
    const record = await this.#lock.get(signal);
    const sentAt = this.#clock.elapsed();
    if (record === undefined) {
      const created = this.#recordOf({}, 0);
      await this.#lock.create(created, signal);
      return this.#holds(created, sentAt);
    }
    if (JSON.stringify(record) !== this.#observedText) this.#observe(record);
    const isOwn = record.holderIdentity === this.identity;
    if (!isOwn) {
      // whoever else holds it now has led since before this answer
      this.#leadsUntil = 0;
      if (record.holderIdentity && this.#isValid()) return false;
    }
    const wanted = this.#recordOf(isOwn ? record : {}, (record.leaseTransitions ?? 0) + (isOwn ? 0 : 1));
    await this.#lock.update(wanted, signal);
    return this.#holds(wanted, sentAt);
  }

  /** Renews without reading first: nobody else should have written. */
  async #renewAsSeen(signal: AbortSignal): Promise<boolean> {
    const sentAt = this.#clock.elapsed();
    const wanted = this.#recordOf(this.#observed, this.#observed.leaseTransitions ?? 0);
    try {
      await this.#lock.update(wanted, signal);
      return this.#holds(wanted, sentAt);
    } catch (error) {
      this.#log.debug('Cannot renew the lease as it was seen; looking first', { error });
      this.#metrics.slowPath();
      return false;
    }
  }

  #recordOf({ acquireTime }: LeaseRecord, leaseTransitions: number): LeaseRecord {
    const now = leaseTime(this.#clock.now());
    return {
      holderIdentity: this.identity,
      leaseDurationSeconds: this.#leaseMs / 1000,
      acquireTime: acquireTime ?? now,
      renewTime: now,
      leaseTransitions,
    };
  }

  /** The Lease is this instance's, by a request that was sent at a time. */
  #holds(record: LeaseRecord, sentAt: number): boolean {
    this.#observe(record);
    this.#leadsUntil = sentAt + Math.min(this.#renewMs + this.#retryMs, this.#leaseMs);
    return this.isLeader;
  }

  #observe(record: LeaseRecord): void {
    this.#observed = record;
    this.#observedText = JSON.stringify(record);
    this.#observedAt = this.#clock.elapsed();
  }

  /** Whether the record has not stood for its duration yet. */
  #isValid(): boolean {
    return this.#clock.elapsed() < this.#observedAt + (this.#observed.leaseDurationSeconds ?? 0) * 1000;
  }

  #report(): void {
    if (this.leader === this.#reportedLeader) return;
    this.#reportedLeader = this.leader;
    if (this.leader !== '') this.#onNewLeader(this.leader);
  }

  /** A signal that is aborted after a while, or with another. */
  #limit(ms: number, parent?: AbortSignal): { readonly signal: AbortSignal; readonly cancel: () => void } {
    const abort = new AbortController();
    const cancelTimer = this.#clock.after(Math.max(0, ms), () => abort.abort(new Error(`No answer within ${ms} ms`)));
    const follow = (): void => abort.abort(parent!.reason);
    if (parent?.aborted) follow();
    parent?.addEventListener('abort', follow, { once: true });
    const cancel = (): void => {
      cancelTimer();
      parent?.removeEventListener('abort', follow);
    };
    return { signal: abort.signal, cancel };
  }
}

function checkTimes(leaseMs: number, renewMs: number, retryMs: number): void {
  if (!(leaseMs >= 1000)) throw new RangeError('leaseDurationMs must be at least 1000');
  if (!(renewMs > 0)) throw new RangeError('renewDeadlineMs must be greater than zero');
  if (!(retryMs > 0)) throw new RangeError('retryPeriodMs must be greater than zero');
  if (leaseMs <= renewMs) throw new RangeError('leaseDurationMs must be greater than renewDeadlineMs');
  if (renewMs <= retryMs * JITTER_FACTOR) {
    throw new RangeError(`renewDeadlineMs must be greater than retryPeriodMs * ${JITTER_FACTOR}`);
  }
}
