/** A state of the cluster, and when it was. */
export interface Moment {
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Of more than so many, some go: the more the older they are. */
const MOST_MOMENTS = 2000;

/**
 * Which revision was the newest at which time, as far as that was seen. Revisions and times only grow: what does not fit is
 * left out, and when a cluster begins anew, what was before is forgotten.
 */
export class Moments {
  #moments: Moment[] = [];

  /** In their order. */
  get all(): readonly Moment[] {
    return this.#moments;
  }

  /** Adds what is now. */
  add(moment: Moment): void {
    const last = this.#moments.at(-1);
    if (last !== undefined && moment.revision < last.revision) this.#moments = [];
    else if (last !== undefined && moment.revision === last.revision) return;
    // what was later than now was told by a clock that has been set back
    else this.#moments = this.#moments.filter(({ time }) => time <= moment.time);
    this.#moments.push(moment);
    this.#thin();
  }

  /** Adds what was found out about the time before. */
  addEarlier(found: readonly Moment[]): void {
    const [first] = this.#moments;
    const before = found
      .filter(({ revision, time }) => first === undefined || (revision < first.revision && time <= first.time))
      .sort((a, b) => a.revision - b.revision || a.time - b.time);
    const fitting: Moment[] = [];
    // a time that is later than that of a later revision is wrong, since a write is told to be no later than it was
    for (const moment of before) {
      const last = fitting.at(-1);
      if (last !== undefined && moment.time < last.time) continue;
      if (last?.revision === moment.revision) continue;
      fitting.push(moment);
    }
    this.#moments = [...fitting, ...this.#moments];
    this.#thin();
  }

  /** The newest one at a time, or before; undefined: nothing is known of that time. */
  at(time: number): Moment | undefined {
    return this.#moments.findLast((moment) => moment.time <= time);
  }

  /** Forgets what the cluster has forgotten: all before a revision. */
  forgetBefore(revision: number): void {
    this.#moments = this.#moments.filter((moment) => moment.revision >= revision);
  }

  /** What is long ago need not be known to the second: between neighbours there is a hundredth of their age. */
  #thin(): void {
    if (this.#moments.length <= MOST_MOMENTS) return;
    const [all, kept] = [this.#moments, this.#moments.slice(0, 1)];
    const last = all.at(-1)!;
    for (let i = 1; i < all.length - 1; i++)
      if (all[i + 1]!.time - kept.at(-1)!.time > (last.time - all[i]!.time) / 100) kept.push(all[i]!);
    this.#moments = [...kept, last].slice(-MOST_MOMENTS);
  }
}
