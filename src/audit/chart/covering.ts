import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { type Choose, type Random, randomSpec } from './random-spec.ts';

/** Something that can be done in several ways. */
interface Factor {
  /** As {@link Choose} is asked. */
  readonly place: string;
  readonly levels: number;
}

/** Of each factor the level, by its place. */
type Row = ReadonlyMap<string, number>;

/** A row is made of the best of so many. */
const TRIED = 4;

/**
 * Specs in which each two choices, of whether members are there, truth values, enumerations and numbers of items, are made in each way
 * together: what depends on two of them shows.
 *
 * @param most no more than so many, those first that show most
 */
export function coveringSpecs(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  most: number,
): readonly JsonObject[] {
  const factors = factorsOf(random, schema, sample);
  return rowsOf(factors, random, most).map((row) => randomSpec(random, schema, sample, (place) => row.get(place)));
}

/** All choices that there are, where everything is there. */
function factorsOf(random: Random, schema: JsonObject | undefined, sample: JsonValue | undefined): readonly Factor[] {
  const found = new Map<string, Factor>();
  const choose: Choose = (place, levels) => {
    if (levels > 1) found.set(place, { place, levels });
    return levels - 1;
  };
  randomSpec(random, schema, sample, choose);
  return [...found.values()];
}

/** Two choices that are not made together yet. */
interface Pair {
  readonly a: Factor;
  readonly x: number;
  readonly b: Factor;
  readonly y: number;
}

/** A greedy covering array of strength 2. */
function rowsOf(factors: readonly Factor[], random: Random, most: number): readonly Row[] {
  const open = new Map<string, Pair>();
  factors.forEach((a, i) => {
    for (const b of factors.slice(i + 1))
      for (let x = 0; x < a.levels; x++)
        for (let y = 0; y < b.levels; y++) if (canMeet(a, x, b, y)) open.set(pairOf(a, x, b, y), { a, x, b, y });
  });
  const rows: Row[] = [];
  for (let [pair] = open.values(); pair !== undefined && rows.length < most; [pair] = open.values()) {
    const tried = Array.from({ length: TRIED }, () => rowFor(factors, pair!, open, random));
    const shows = tried.map((row) => pairsIn(factors, row).filter((one) => open.has(one)));
    const best = shows.reduce((a, b) => (b.length > a.length ? b : a));
    rows.push(tried[shows.indexOf(best)]!);
    for (const one of [...best, pairOf(pair.a, pair.x, pair.b, pair.y)]) open.delete(one);
  }
  return rows;
}

/** From a pair on factor after factor, in a random order, the level that shows most with those before. */
function rowFor(
  factors: readonly Factor[],
  { a, x, b, y }: Pair,
  open: ReadonlyMap<string, Pair>,
  random: Random,
): Row {
  const row = new Map<string, number>();
  for (const around of factors)
    if (isWithin(a, around) || isWithin(b, around)) row.set(around.place, around.levels - 1);
  row.set(a.place, x).set(b.place, y);
  const left = factors.filter(({ place }) => !row.has(place)).map((factor) => ({ factor, at: random() }));
  for (const { factor } of left.sort((one, other) => one.at - other.at)) {
    const met = factors.filter(({ place }) => row.has(place));
    const rated = Array.from({ length: factor.levels }, (_, level) => {
      const shows = met.filter((one) => open.has(pairOf(one, row.get(one.place)!, factor, level))).length;
      return { level, shows, at: random() };
    });
    rated.sort((one, other) => other.shows - one.shows || one.at - other.at);
    row.set(factor.place, rated[0]!.level);
  }
  return row;
}

/** The pairs that a row shows: a choice within what is not there shows nothing. */
function pairsIn(factors: readonly Factor[], row: Row): string[] {
  const there = factors.filter((one) =>
    factors.every((around) => !isWithin(one, around) || row.get(around.place) !== 0),
  );
  return there.flatMap((a, i) => there.slice(i + 1).map((b) => pairOf(a, row.get(a.place)!, b, row.get(b.place)!)));
}

/** Nothing is within what is not there. */
function canMeet(a: Factor, x: number, b: Factor, y: number): boolean {
  return !(isWithin(b, a) && x === 0) && !(isWithin(a, b) && y === 0);
}

function isWithin(factor: Factor, { place }: Factor): boolean {
  // what is said of a member itself, as its truth value, has nothing within
  return !/[=#]$/.test(place) && factor.place.startsWith(place) && /^[/=#]/.test(factor.place.slice(place.length));
}

function pairOf(a: Factor, x: number, b: Factor, y: number): string {
  return a.place < b.place ? `${a.place} ${x} ${b.place} ${y}` : `${b.place} ${y} ${a.place} ${x}`;
}
