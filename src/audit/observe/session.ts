import type { Client } from 'nekube/client';
import { sleep } from 'nekube/client';
import type { ServerClock } from './server-clock.ts';
import type { Environment, LoggedRequest } from 'nekube/envtest';
import { connectHere, OperatorServices } from './operator-services.ts';
import { type Operator, OperatorFailure, type RunningOperator } from './operator.ts';
import { differencesOf, type Outcome, outcomeAfter, type OutcomeDifference, type WantedObject } from './outcome.ts';
import { isWork, LOOK_EVERY_MS, Rest } from './rest.ts';
import { withWords } from './words.ts';
import { type OperatorRead, type OperatorWrite, readOf, writeOf } from './operator-write.ts';

/** What an operator did in a while. */
export interface Interval {
  readonly writes: readonly OperatorWrite[];
  readonly reads: readonly OperatorRead[];
  /** Where it wants something else now than it wanted before, of any object. */
  readonly changes: readonly OutcomeDifference[];
  /** It had not come to rest when the time was over. */
  readonly isRestless: boolean;
}

/** How long is waited. */
export interface Patience {
  /** An operator that wrote nothing for so long is at rest; default 400. */
  readonly quietMs?: number;
  /** It is looked at for no longer; default 15,000. */
  readonly longestMs?: number;
  /** So long it may take until it watches anything; default: `longestMs`. */
  readonly startMs?: number;
}

/** The default of {@link Patience.quietMs}. */
export const QUIET_MS = 400;
/** The default of {@link Patience.longestMs}. */
export const LONGEST_MS = 15_000;

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
/** One that writes late by itself is waited for so many times as long as it was late. */
const LATE_PATIENCE = 1.5;
/** So often at most: what has no end is no step of a work. */
const MOST_LATE = 3;

/** So long an operator that works may take until it serves its webhooks as well. */
const SERVED_MS = 5000;

/** In so many milliseconds more it is looked each time what an operator does late whose time can be advanced. */
const LATE_STEPS_MS = [1000, 2000, 4000, 8000];
/** Who takes its time between two steps is looked at for so many times as long. */
const SLOW_PATIENCE = 10;

/** What an operator does late, by itself. */
class Late {
  /** The longest that it waited. */
  lateMs = 0;
  #lastMs: number;
  #often = 0;

  /** @param lastMs when it did something last, by `performance.now()` */
  constructor(lastMs: number) {
    this.#lastMs = lastMs;
  }

  /** It did something. @param advancedMs so much more time has passed for it than for the machine */
  comes(advancedMs = 0): void {
    const now = performance.now() + advancedMs;
    this.#often++;
    this.lateMs = Math.max(this.lateMs, now - this.#lastMs);
    this.#lastMs = now;
  }

  /** Whether it has an end, as the steps of a work have. */
  get isStep(): boolean {
    return this.#often <= MOST_LATE;
  }
}

/** What a session needs besides. */
export interface SessionOptions extends Patience {
  readonly signal?: AbortSignal;
  /** That of the control plane, if the past can be written with it. */
  readonly clock?: ServerClock;
  /** Those of the operator, whose webhooks the control plane calls. */
  readonly services?: OperatorServices;
}

/** An operator at a control plane of its own, of which all requests are known. */
export class Session {
  readonly env: Environment;
  readonly #operator: Operator;
  readonly #patience: Required<Patience>;
  readonly #signal: AbortSignal | undefined;
  #running: RunningOperator | undefined;
  readonly #egress = new Set<string>();
  #hadOpenUdp = false;
  readonly #resting: Rest;
  /** The longest after which it wrote something else by itself, in milliseconds; 0: it does not. */
  #lateMs = 0;
  #seen = 0;
  /** All that it wants, by the requests before {@link #taken}. */
  #wanted: Outcome = new Map<string, WantedObject>();
  #taken = 0;
  readonly #clock: ServerClock | undefined;
  readonly services: OperatorServices | undefined;

  constructor(env: Environment, operator: Operator, options: SessionOptions = {}) {
    this.env = env;
    this.#operator = operator;
    const { quietMs = QUIET_MS, longestMs = LONGEST_MS, startMs = longestMs } = options;
    this.#patience = { quietMs, longestMs, startMs };
    this.#signal = options.signal;
    this.#resting = new Rest(
      () => env.requests.all,
      (request) => this.#isOwn(request),
      options.signal,
    );
    this.#clock = options.clock;
    this.services = options.services;
  }

  /** Starts the operator, and gives what it did until it was at rest. @throws OperatorFailure */
  async start(): Promise<Interval> {
    this.#running = await this.#operator.start(
      this.env.kubeconfig(this.#operator.user),
      await this.env.webhooks.handOut(),
    );
    const running = this.#running;
    this.services?.reach((port) => running.connect?.(port) ?? connectHere(port));
    const first = await this.during(async () => {
      await this.#untilAsked();
      await this.services?.unserved(SERVED_MS, this.#signal);
    });
    return first;
  }

  /** Does something, and gives what the operator did from then until it was at rest. @throws OperatorFailure it ended */
  async during(action: (client: Client) => Promise<unknown> | unknown): Promise<Interval> {
    const from = this.env.requests.all.length;
    await action(this.env.client);
    const isRestless = !(await this.#restWithLate());
    this.#checkAlive();
    this.#seen = this.env.requests.all.length;
    return { ...this.#doneFrom(from), isRestless };
  }

  /**
   * Looks once for longer whether it writes anything else by itself, as one does that waits between two steps: from now on it is waited for
   * as long. What it writes again, and always anew, is no such step.
   *
   * @param ms so long, or longer for one that is slow, or comes back after a while
   * @param mostMs but no longer than this
   * @returns whether it did, so that what it wrote before was not all
   */
  async settle(ms: number, mostMs: number): Promise<boolean> {
    const slowMs = Math.max(this.#resting.slowestMs * SLOW_PATIENCE, this.#resting.periodMs * LATE_PATIENCE);
    const needMs = Math.min(Math.max(ms, slowMs), mostMs);
    const late = new Late(this.#resting.lastNewMs);
    this.#changes();
    for (let since = performance.now(); performance.now() - since < needMs && late.isStep; ) {
      await sleep(LOOK_EVERY_MS, undefined, this.#signal);
      this.#checkAlive();
      if (this.#changes().length === 0) continue;
      late.comes();
      since = performance.now();
    }
    return this.#isLate(late);
  }

  /** The same where time can be advanced: then nobody has to wait. Undefined: it cannot. */
  async settleByTime(): Promise<boolean | undefined> {
    const { advance } = this.#running ?? {};
    if (advance === undefined) return undefined;
    const late = new Late(this.#resting.lastNewMs);
    this.#changes();
    let advancedMs = 0;
    for (const step of LATE_STEPS_MS) {
      await advance(step);
      advancedMs += step;
      if (!(await this.#rest())) return false;
      this.#checkAlive();
      if (this.#changes().length > 0) late.comes(advancedMs);
    }
    return this.#isLate(late);
  }

  #isLate({ lateMs, isStep }: Late): boolean {
    this.#seen = this.env.requests.all.length;
    if (!isStep || lateMs <= this.#lateMs) return false;
    this.#lateMs = lateMs;
    return true;
  }

  /** What it did since the last interval ended, and by itself. */
  async idle(ms: number): Promise<Interval> {
    const from = this.#seen;
    await sleep(ms, undefined, this.#signal);
    this.#checkAlive();
    this.#seen = this.env.requests.all.length;
    return { ...this.#doneFrom(from), isRestless: false };
  }

  /** Ends the operator and starts it anew; gives what it did then. */
  async restart(): Promise<Interval> {
    await this.stop();
    await this.#endLeadership();
    return await this.start();
  }

  /** Who waits for a lease does nothing, and it would not be the operator that is so. */
  async #endLeadership(): Promise<void> {
    const leases = this.own.filter(
      ({ resource, verb }) => resource === 'leases' && verb !== 'watch' && verb !== 'list',
    );
    const names = new Set(leases.map(({ namespace, name }) => `${namespace}/${name}`));
    for (const key of names) {
      const [namespace = '', name = ''] = key.split('/');
      if (name !== '') await this.env.client.delete(LEASE, { namespace, name }).catch(() => undefined);
    }
  }

  /** Whether time can be let pass for the operator. */
  get isAdvanced(): boolean {
    return this.#running?.advance !== undefined;
  }

  /** Lets time pass for the operator, where that can be done. */
  async advance(ms: number): Promise<Interval> {
    return await this.during(() => this.skip(ms));
  }

  /** The same, of which nobody waits for what comes. */
  async skip(ms: number): Promise<void> {
    await this.#running?.advance?.(ms);
  }

  /** Does something as if it were so long ago: what is made meanwhile is as old; undefined: that cannot be done. */
  async inThePast<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#clock === undefined) return undefined;
    this.#clock.stayBehind(ms);
    try {
      return await work();
    } finally {
      this.#clock.stayBehind(0);
    }
  }

  /** To where it talked besides the API server; undefined: that is not known. */
  get egress(): readonly string[] | undefined {
    const now = this.#running?.egress;
    return now && [...new Set([...this.#egress, ...now])];
  }

  /** How many requests came so far, as a place in their log. */
  get seen(): number {
    return this.env.requests.all.length;
  }

  /** What the operator wrote since then, and which single objects it read, as lines without secrets; each once. */
  linesFrom(from: number): readonly string[] {
    const own = this.env.requests.all.slice(from).filter((request) => this.#isOwn(request) && isWork(request));
    return [...new Set(own.map((request) => String(request).slice(request.user.length + 1)))];
  }

  /** How it was looked at for {@link egress}. */
  get network(): RunningOperator['network'] {
    return this.#running?.network;
  }

  /** Whether each packet is seen that it sends to others. */
  get isWatched(): boolean {
    return this.#running?.isWatched ?? false;
  }

  /** Whether it had sockets of UDP without a connection, of which it is not seen whom they send to. */
  get hasOpenUdp(): boolean {
    return this.#hadOpenUdp || (this.#running?.hasOpenUdp ?? false);
  }

  /** At which ports it listens, or did; empty also where that is not known. */
  get ports(): readonly number[] {
    return this.#running?.ports ?? [];
  }

  /** As whom the operator talks to the server. */
  get user(): string {
    return this.#operator.user.name;
  }

  /** All requests of the operator. */
  get own(): readonly LoggedRequest[] {
    return this.env.requests.all.filter((request) => this.#isOwn(request));
  }

  /** What it was refused so far, as lines without what it sent; each once, with words for the names of trials. */
  get denied(): readonly string[] {
    const lines = this.own
      .filter((request) => request.code === 403 && this.services?.uses.hasRefused(request) !== true)
      .map((request) => String(request).replace(/ 403 .*$/s, ' 403'));
    return [...new Set(lines.map(withWords))];
  }

  /** Whether it ever read objects of a resource of the core group. */
  hasAskedFor(resource: string): boolean {
    return this.own.some(
      (request) => request.group === '' && request.resource === resource && (request.code ?? 0) < 300,
    );
  }

  async stop(): Promise<void> {
    for (const one of this.#running?.egress ?? []) this.#egress.add(one);
    this.#hadOpenUdp = this.hasOpenUdp;
    this.services?.reach(undefined);
    await this.#running?.stop();
    this.#running = undefined;
  }

  #doneFrom(from: number): Omit<Interval, 'isRestless'> {
    const own = this.env.requests.all.slice(from).filter((request) => this.#isOwn(request));
    const isSaid = <T>(value: T | undefined): value is T => value !== undefined;
    return {
      writes: own.map(writeOf).filter(isSaid),
      reads: own.map(readOf).filter(isSaid),
      changes: this.#changes(),
    };
  }

  /** What it wants otherwise than when this was asked last. */
  #changes(): readonly OutcomeDifference[] {
    const all = this.env.requests.all;
    const own = all.slice(this.#taken).filter((request) => this.#isOwn(request));
    this.#taken = all.length;
    const before = this.#wanted;
    this.#wanted = outcomeAfter(
      before,
      own.map(writeOf).filter((write) => write !== undefined),
    );
    return differencesOf(before, this.#wanted);
  }

  #isOwn({ user }: LoggedRequest): boolean {
    return user === this.#operator.user.name;
  }

  /** Until it asked for anything: then it is there. */
  async #untilAsked(): Promise<void> {
    const from = this.env.requests.all.length;
    const end = performance.now() + this.#patience.startMs;
    while (performance.now() < end) {
      this.#checkAlive();
      if (this.env.requests.all.slice(from).some((request) => this.#isOwn(request) && request.verb === 'watch')) return;
      await sleep(LOOK_EVERY_MS, undefined, this.#signal);
    }
    const asked = this.env.requests.all.slice(from).filter((request) => this.#isOwn(request)).length;
    const what =
      asked === 0
        ? 'it sent no request'
        : `it watches nothing (it sent ${asked === 1 ? '1 request' : `${asked} requests`})`;
    throw new OperatorFailure(`The operator does not work: after ${this.#patience.startMs / 1000} s ${what}`);
  }

  /** At rest, also from what it does late; time passes for it where that can be done, instead of being waited for. */
  async #restWithLate(): Promise<boolean> {
    if (!(await this.#rest())) return false;
    const { advance } = this.#running ?? {};
    if (this.#lateMs === 0 || advance === undefined) return true;
    for (let late = 0; late < MOST_LATE; late++) {
      const from = this.env.requests.all.length;
      await advance(this.#lateMs * LATE_PATIENCE);
      if (!(await this.#rest())) return false;
      if (!this.env.requests.all.slice(from).some((request) => this.#isOwn(request) && isWork(request))) break;
    }
    return true;
  }

  async #rest(): Promise<boolean> {
    const { quietMs, longestMs } = this.#patience;
    const isSlowKnown = this.#lateMs > 0 && !this.isAdvanced;
    const needMs = isSlowKnown ? Math.max(quietMs, this.#lateMs * LATE_PATIENCE) : quietMs;
    return await this.#resting.wait({ quietMs: needMs, longestMs, isSlowKnown });
  }

  #checkAlive(): void {
    const { ended } = this.#running ?? {};
    if (ended !== undefined) throw new OperatorFailure(`The operator ended by itself: ${ended}`);
  }
}
