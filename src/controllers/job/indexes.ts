/** Indexes from `first` to `last`. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

const NUMBER = /^[+-]?\d+$/;

/** A set of indexes, which a Job's status writes as `1,3-5,7`. It does not change. */
export class Indexes {
  readonly #intervals: readonly Interval[];

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
  }

  static readonly NONE = new Indexes([]);

  /** Indexes in any order. */
  static of(indexes: Iterable<number>): Indexes {
    return Indexes.#joined([...indexes].map((index) => ({ first: index, last: index })));
  }

  /** Reads what is below `completions`; what is no number is passed over. */
  static parse(text: string | undefined, completions: number): Indexes {
    const intervals: Interval[] = [];
    for (const part of (text ?? '').split(',')) {
      const [first = '', last = first] = part.split('-');
      if (!NUMBER.test(first) || !NUMBER.test(last)) continue;
      if (Number(first) >= completions) break;
      intervals.push({ first: Number(first), last: Math.min(Number(last), completions - 1) });
    }
    return Indexes.#joined(intervals);
  }

  static #joined(intervals: readonly Interval[]): Indexes {
    const joined: { first: number; last: number }[] = [];
    for (const { first, last } of [...intervals].sort((a, b) => a.first - b.first)) {
      const before = joined.at(-1);
      if (before === undefined || first > before.last + 1) joined.push({ first, last });
      else before.last = Math.max(before.last, last);
    }
    return new Indexes(joined);
  }

  get count(): number {
    return this.#intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#intervals.some(({ first, last }) => first <= index && index <= last);
  }

  with(other: Indexes | Iterable<number>): Indexes {
    const { NONE } = Indexes;
    const added = other instanceof Indexes ? other : Indexes.of(other);
    return added === NONE ? this : Indexes.#joined([...this.#intervals, ...added.#intervals]);
  }

  /** How many are in both. */
  overlap(other: Indexes): number {
    let sum = 0;
    for (const a of this.#intervals)
      for (const b of other.#intervals) sum += Math.max(0, Math.min(a.last, b.last) - Math.max(a.first, b.first) + 1);
    return sum;
  }

  /** The first so many below `end` that are not in it. */
  firstMissing(count: number, end: number): number[] {
    const found: number[] = [];
    let candidate = 0;
    for (const { first, last } of [...this.#intervals, { first: end, last: end }]) {
      for (; candidate < Math.min(first, end) && found.length < count; candidate++) found.push(candidate);
      candidate = Math.max(candidate, last + 1);
    }
    return found;
  }

  toString(): string {
    return this.#intervals
      .map(({ first, last }) => (last === first ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
      .join(',');
  }
}
