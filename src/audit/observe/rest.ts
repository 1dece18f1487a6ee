import { sleep } from 'nekube/client';
import type { LoggedRequest } from 'nekube/envtest';
import { readOf, writeOf } from './operator-write.ts';
import { Repetition } from './repetition.ts';

/** So often it is looked, in milliseconds. */
export const LOOK_EVERY_MS = 20;
/** An operator is at rest after so many times what it once took between two steps. */
const PATIENCE = 3;

/** How long one waits for an operator to come to rest. */
export interface RestOptions {
  /** So long it must do nothing new. */
  readonly quietMs: number;
  readonly longestMs: number;
  /** It is known how long it takes between two steps, and `quietMs` has it: then nothing is learned of that. */
  readonly isSlowKnown: boolean;
}

/** What an operator did, as one waits for its rest. */
interface Work {
  /** Something succeeded that it does not do for ever, and that is no part of what it tries again. */
  readonly isNew: boolean;
  /** It never did that before, so that what it took until then is a step of its work. */
  readonly isFirst: boolean;
  readonly failures: number;
}

/**
 * Knows when an operator is at rest: it does nothing, or the same again and again. One that took its time between two steps may do so again,
 * so a slow operator, or a busy machine, is waited for longer.
 */
export class Rest {
  readonly #requests: () => readonly LoggedRequest[];
  readonly #isOwn: (request: LoggedRequest) => boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #repetition = new Repetition();
  /** The longest that it ever did nothing before it did something, in looks. */
  #slowest = 0;
  /** Some of what it does is refused again and again. */
  #isFailing = false;
  #lastNewMs = performance.now();

  /** @param requests all requests to the server, of which those are looked at that are the operator's own */
  constructor(
    requests: () => readonly LoggedRequest[],
    isOwn: (request: LoggedRequest) => boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#requests = requests;
    this.#isOwn = isOwn;
    this.#signal = signal;
  }

  /** The longest that it ever took between two steps, in milliseconds. */
  get slowestMs(): number {
    return this.#slowest * LOOK_EVERY_MS;
  }

  /** When it did something new last, by `performance.now()`. */
  get lastNewMs(): number {
    return this.#lastNewMs;
  }

  /** The longest after which it did the same again by itself, in milliseconds; 0: it does not. */
  get periodMs(): number {
    return this.#repetition.periodMs;
  }

  /** Waits until it is at rest; false: it is not. */
  async wait({ quietMs, longestMs, isSlowKnown }: RestOptions): Promise<boolean> {
    const end = performance.now() + longestMs;
    let looked = this.#requests().length;
    let open: readonly LoggedRequest[] = [];
    this.#repetition.begin();
    // counted in looks: on a busy machine the server, which is of this process, may not have had its turn meanwhile
    let quiet = 0;
    let failures = 0;
    while (performance.now() < end) {
      const all = this.#requests();
      const work = [...open, ...all.slice(looked).filter((request) => this.#isOwn(request) && isWork(request))];
      looked = all.length;
      // what it sends, and whether that is new, is known when it is answered
      open = work.filter(({ code }) => code === undefined);
      const done = this.#look(work.filter(({ code }) => code !== undefined));
      if (done.isFirst && !isSlowKnown) this.#slowest = Math.max(this.#slowest, quiet);
      // who tries again what cannot succeed waits longer each time, and tells by that nothing of how long its steps take
      if (done.isNew || (done.failures > 0 && failures < PATIENCE)) quiet = 0;
      failures += done.failures;
      if (done.isNew) this.#lastNewMs = performance.now();
      if (open.length === 0) {
        if (quiet * LOOK_EVERY_MS >= quietMs && quiet >= PATIENCE * this.#slowest) {
          if (failures === 0) this.#isFailing = false;
          return true;
        }
        quiet++;
      }
      await sleep(LOOK_EVERY_MS, undefined, this.#signal);
    }
    return false;
  }

  #look(work: readonly LoggedRequest[]): Work {
    let [isNew, isFirst] = [false, false];
    const failed = work.filter(({ code = 0 }) => code >= 400);
    for (const request of work.filter(({ code = 0 }) => code < 400)) {
      const isKnown = this.#repetition.isKnown(request);
      const isRepeated = this.#repetition.take(request, performance.now());
      isFirst ||= !isKnown;
      isNew ||= !isRepeated && !(this.#isFailing && isKnown);
    }
    this.#isFailing ||= failed.some(isRefusedWrite);
    return { isNew, isFirst, failures: failed.length };
  }
}

/** What shows that an operator is not at rest: it writes, or reads single objects. */
export function isWork(request: LoggedRequest): boolean {
  return writeOf(request) !== undefined || (request.verb === 'get' && readOf(request) !== undefined);
}

/** A write that is refused for what it says, or that the server has no room for; not one that came too late. */
function isRefusedWrite(request: LoggedRequest): boolean {
  const { code = 0 } = request;
  return code >= 400 && code !== 404 && code !== 409 && code !== 429 && writeOf(request) !== undefined;
}
