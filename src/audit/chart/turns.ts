import type { OddKind, Random } from './odd-values.ts';

/** A kind of odd values at a place of the spec. */
export interface OddAt {
  /** As in `/colour`. */
  readonly place: string;
  /** As in `empty`. */
  readonly kind: string;
}

/** A kind of values at a place, and what became of it. */
interface Turn<T = unknown> {
  readonly kind: OddKind<T>;
  drawn: number;
  refused: number;
  isTaken: boolean;
}

/** What is known of a place. */
interface Place {
  readonly turns: readonly Turn[];
  visits: number;
}

/** A place is odd no more often than this for the sake of the kinds that it has not had: of many odd values a server refuses some. */
const MOST_ODDS = 0.4;
/** The kinds come so many times sooner than they must. */
const EARLY = 2;
/** A kind that was refused comes so often before its time: what else was in those specs may have been the reason. */
const MOST_REFUSED = 5;

/**
 * The kinds of odd values take turns at each place, so that few specs have all of them: by chance alone, one kind in six does not come to a
 * place among 300. A place at which kinds are missing is odd as often as it must be for the rest to come in time.
 */
export class Turns {
  readonly #specs: number;
  readonly #places = new Map<string, Place>();
  #begun = 0;
  /** Whether plain specs are among them, and the kinds begin with any: what is tried is not to be what examples were. */
  readonly isTrial: boolean;

  /** @param specs so many are drawn, about */
  constructor(specs: number, of: 'examples' | 'trials') {
    this.#specs = specs;
    this.isTrial = of === 'trials';
  }

  /** One more spec is drawn. */
  begin(): void {
    this.#begun++;
  }

  /** All kinds that places have, as far as these are known. */
  get kinds(): readonly OddAt[] {
    return [...this.#places].flatMap(([place, { turns }]) => turns.map(({ kind }) => ({ place, kind: kind.name })));
  }

  /** Which kinds a place has; it is asked for once. */
  know<T>(random: Random, place: string, kindsOf: () => readonly OddKind<T>[]): void {
    if (this.#places.has(place)) return;
    const kinds = kindsOf();
    const first = this.isTrial ? Math.floor(random() * kinds.length) : 0;
    const turns = [...kinds.slice(first), ...kinds.slice(0, first)].map((kind) => ({
      kind,
      drawn: 0,
      refused: 0,
      isTaken: false,
    }));
    this.#places.set(place, { turns, visits: 0 });
  }

  /** The kind whose turn it is at a place that is known; undefined: it is plain this time. @param oddness how often it is odd at least */
  next<T>(random: Random, place: string, oddness: number): OddKind<T> | undefined {
    const known = this.#places.get(place)!;
    known.visits++;
    const owed = known.turns.filter(isOwed);
    const visitsToCome = (known.visits / Math.max(1, this.#begun)) * Math.max(1, this.#specs - this.#begun + 1);
    const needed = Math.min(MOST_ODDS, (EARLY * owed.length) / visitsToCome);
    if (known.turns.length === 0 || random() >= Math.max(oddness, needed)) return undefined;
    const all = owed.length > 0 ? owed : known.turns;
    const turn = all.reduce((least, one) => (one.drawn < least.drawn ? one : least));
    turn.drawn++;
    return turn.kind as OddKind<T>;
  }

  /** Whether a server took a spec in which there was a kind at a place, as in {@link kinds}. */
  note({ place, kind }: OddAt, isTaken: boolean): void {
    const turn = this.#places.get(place)?.turns.find((one) => one.kind.name === kind);
    if (turn === undefined) return;
    if (isTaken) turn.isTaken = true;
    else turn.refused++;
  }
}

/** Not had yet, and none is on its way. */
function isOwed({ drawn, refused, isTaken }: Turn): boolean {
  return !isTaken && drawn === refused && refused < MOST_REFUSED;
}
