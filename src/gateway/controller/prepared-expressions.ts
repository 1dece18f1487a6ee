import {
  expressionsIn,
  PAUSES,
  type Pauses,
  prepareExpressions,
  prepareSome,
  timeSlice,
} from '../model/expressions.ts';
import { LayeredMap } from '../model/layered-map.ts';
import type { Resource, Snapshot } from '../translate/index.ts';

type Part = 'httpRoutes' | 'grpcRoutes' | 'backendPolicies';
type Parts = Pick<Snapshot, Part>;
type Objects = ReadonlyMap<string, Resource>;
const PARTS: readonly Part[] = ['httpRoutes', 'grpcRoutes', 'backendPolicies'];

/** An object whose expressions are being made, and what is translated meanwhile: the one of before, or none. */
interface Held {
  readonly object: Resource;
  readonly before: Resource | undefined;
}

/** Expressions that are still to be made, and of what. */
interface Waiting {
  readonly part: Part;
  readonly key: string;
  readonly object: Resource;
  readonly expressions: readonly string[];
  /** How many of them are made. */
  made: number;
}

/**
 * Has the expressions of objects made before a translation asks for them. A megabyte of them takes seconds, for which only the object that
 * has them waits: what there is of it stays as it was, and all else is translated as it is.
 */
export class PreparedExpressions {
  readonly #onMade: () => void;
  readonly #pauses: Pauses;
  readonly #seen = new Map<Part, Objects>();
  readonly #held: Readonly<Record<Part, Map<string, Held>>> = {
    httpRoutes: new Map(),
    grpcRoutes: new Map(),
    backendPolicies: new Map(),
  };
  readonly #waiting: Waiting[] = [];
  #isMaking = false;

  /** @param onMade objects that were held back are so no longer */
  constructor(onMade: () => void, pauses = PAUSES) {
    this.#onMade = onMade;
    this.#pauses = pauses;
  }

  /**
   * What of a snapshot can be translated now. Of the first one that is all of it, when it is made: what is served already shall not be
   * gone for a while. Later it costs what is not as in the one before.
   */
  async prepare(snapshot: Parts): Promise<Parts> {
    const isOver = timeSlice(this.#pauses.now);
    const ready: Partial<Record<Part, Objects>> = {};
    for (const part of PARTS) {
      const now: Objects = snapshot[part];
      const before = this.#seen.get(part);
      this.#seen.set(part, now);
      if (before === undefined) await prepareExpressions(expressionsIn(now), this.#pauses);
      else
        for (const key of LayeredMap.differing(before, now))
          this.#take(part, key, [before.get(key), now.get(key)], isOver);
      ready[part] = this.#without(part, now);
    }
    if (!this.#isMaking) void this.#make();
    return ready as Parts;
  }

  #take(part: Part, key: string, [before, object]: readonly (Resource | undefined)[], isOver: () => boolean): void {
    const held = this.#held[part];
    const expressions = expressionsIn(object);
    const made = prepareSome(expressions, 0, isOver);
    if (object === undefined || made === expressions.length) held.delete(key);
    else {
      const there = held.get(key);
      held.set(key, { object, before: there === undefined ? before : there.before });
      this.#waiting.push({ part, key, object, expressions, made });
    }
  }

  #without(part: Part, now: Objects): Objects {
    const held = this.#held[part];
    if (held.size === 0) return now;
    return LayeredMap.changed(now, new Map([...held].map(([key, { before }]) => [key, before])));
  }

  async #make(): Promise<void> {
    this.#isMaking = true;
    for (; this.#waiting.length > 0; await this.#pauses.pause()) if (this.#makeSome()) this.#onMade();
    this.#isMaking = false;
  }

  /** As many as there is time for; true: something is held back no longer. */
  #makeSome(): boolean {
    const isOver = timeSlice(this.#pauses.now);
    let isLess = false;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const held = this.#held[next.part];
      // there may be a newer one, which waits for its own
      const isWanted = held.get(next.key)?.object === next.object;
      if (isWanted) next.made = prepareSome(next.expressions, next.made, isOver);
      if (isWanted && next.made < next.expressions.length) return isLess;
      this.#waiting.shift();
      if (isWanted) isLess = held.delete(next.key);
    }
    return isLess;
  }
}
