import { type Clock, RateLimiter } from 'nekube/client';
import type { ControllerSettings } from '../settings.ts';

/** How a zone is, by how many of its nodes are ready. */
export type ZoneState = 'initial' | 'normal' | 'partial' | 'full';

/** The state of a zone, of each of whose nodes is known whether it is ready. */
export function zoneState(ready: readonly boolean[], unhealthyThreshold: number): ZoneState {
  const bad = ready.filter((one) => !one).length;
  if (bad > 0 && bad === ready.length) return 'full';
  return bad > 2 && bad / ready.length >= unhealthyThreshold ? 'partial' : 'normal';
}

/** What is to be done after a look at all zones. */
export type DisruptionStep =
  /** No zone has a node that is ready: more likely the fault is here. Nobody is made to leave any more. */
  | { readonly step: 'stop' }
  /** There is one again: all nodes begin anew. */
  | { readonly step: 'resume' }
  /** Zones whose state is another than before. */
  | { readonly step: 'change' }
  | { readonly step: 'none' };

/** Says what changes with the states of zones. */
export function disruptionStep(
  before: ReadonlyMap<string, ZoneState>,
  after: ReadonlyMap<string, ZoneState>,
): DisruptionStep {
  const areAllDown = [...after.values()].every((state) => state === 'full');
  const wereAllDown = [...before].every(([zone, state]) => !after.has(zone) || state === 'full');
  if (areAllDown && wereAllDown) return { step: 'none' };
  if (areAllDown) return { step: 'stop' };
  return { step: wereAllDown ? 'resume' : 'change' };
}

/** How many nodes a second get the taint in a zone of a state. */
export function rateIn(state: ZoneState, size: number, settings: ControllerSettings): number {
  if (state !== 'partial') return settings.nodeEvictionRate;
  return size > settings.largeClusterSizeThreshold ? settings.secondaryNodeEvictionRate : 0;
}

/** The nodes of a zone that get the taint by which pods leave, not more at once than the zone can bear. */
export class TaintQueue {
  readonly #clock: Clock;
  /** When each is due. */
  readonly #waiting = new Map<string, number>();
  /** Those that wait, and those that had their turn. */
  readonly #known = new Set<string>();
  #limiter: RateLimiter | undefined;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#limiter = this.#limit(perSecond);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether it was not in before. */
  add(name: string): boolean {
    if (this.#known.has(name)) return false;
    this.#known.add(name);
    this.#waiting.set(name, this.#clock.elapsed());
    return true;
  }

  remove(name: string): void {
    this.#known.delete(name);
    this.#waiting.delete(name);
  }

  /** A zone whose rate is exhausted, or was none, begins the next one with nothing. */
  setRate(perSecond: number): void {
    const wasBusy = this.#limiter === undefined || !this.#limiter.tryTake();
    this.#limiter = this.#limit(perSecond);
    if (wasBusy) this.#limiter?.tryTake();
  }

  /** Takes as many as may be by now. One whose turn fails comes again. */
  async run(turn: (name: string) => Promise<boolean>): Promise<void> {
    for (;;) {
      const [name] = [...this.#waiting].sort(([, a], [, b]) => a - b)[0] ?? [];
      if (name === undefined || this.#limiter === undefined || !this.#limiter.tryTake()) return;
      if (await turn(name)) this.#waiting.delete(name);
      else if (this.#waiting.has(name)) this.#waiting.set(name, this.#clock.elapsed());
    }
  }

  #limit(perSecond: number): RateLimiter | undefined {
    return perSecond > 0 ? new RateLimiter({ perSecond, burst: 1 }, this.#clock) : undefined;
  }
}
