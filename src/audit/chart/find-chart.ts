import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { type Counterexample, counterexampleOf } from './counterexample.ts';
import { coveringSpecs } from './covering.ts';
import { type MadeOnce, NAME, variationOf, withSigns } from './made-once.ts';
import { type DrawnSpec, knowKinds, type Random, randomSpec, wideSpec } from './random-spec.ts';
import {
  type ChartTemplates,
  type Example,
  explains,
  isRefusal,
  objectsOf,
  type Refusal,
  synthesize,
} from './synthesize.ts';
import { type OddAt, Turns } from './turns.ts';

/** How a chart is looked for. */
export interface ChartSearch {
  /** What an operator makes of specs; undefined: the server refused one. */
  readonly observe: (specs: readonly JsonObject[]) => Promise<readonly (Example | undefined)[]>;
  readonly schema?: JsonObject;
  readonly sample: JsonObject;
  readonly random: Random;
  /**
   * Plain examples to begin with; default 60. They cover all pairs of choices as far as so many can, the others are random. Of odd values
   * there are as many besides.
   */
  readonly examples?: number;
  /** Resources that are tried at the end, and are in no example; default 100. */
  readonly heldOut?: number;
  /** How often a chart that was wrong is looked for anew; default 5. */
  readonly rounds?: number;
  /** Whether the time is over. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (text: string) => void;
}

/** A chart that was found, and how well it holds. */
export interface FoundChart {
  readonly templates: ChartTemplates;
  readonly examples: number;
  /** What is not a function of the values, but made once. */
  readonly madeOnce: readonly MadeOnce[];
  /** Kinds of odd values, each with its place, that the schema allows there, and that no resource has which the server took. */
  readonly untried: readonly OddAt[];
  readonly heldOut: {
    readonly tried: number;
    /** The server did not take so many, or not what the operator wrote for them. */
    readonly refused: number;
    /**
     * For these the operator wrote nothing, though it does for all plain values, and no question explains it: it may have failed at them.
     * They are not compared.
     */
    readonly silent: readonly JsonObject[];
    /** What the operator made of those that were tried, with signs for what is made once. */
    readonly examples: readonly Example[];
  };
}

/** There is no chart: why, and the values that show it where there are such. */
export interface NoChart extends Refusal {
  readonly counterexample?: Counterexample;
}

const EXAMPLES = 60;
/** An operator is waited for once for so many. */
const AT_ONCE = 30;
const MOST_TOLD = 5;
/** So many times more resources are drawn than are needed, where the server refuses some. */
const MOST_DRAWN = 3;
/** No more examples than these are made for what has no template. */
const MOST_EXAMPLES = 240;

/**
 * Looks for a chart by examples, tries it on random resources that were not among them, and looks anew with those that it got wrong. It
 * is found when none of `heldOut` is wrong; when the time is over, with those that were tried by then.
 */
export async function findChart(search: ChartSearch): Promise<FoundChart | NoChart> {
  return await new ChartFinder(search).find();
}

/** Whether there is none. */
export function isNoChart(found: FoundChart | NoChart): found is NoChart {
  return 'why' in found;
}

class ChartFinder {
  readonly #search: ChartSearch;
  readonly #tell: (text: string) => void;
  /** Of plain values, by which it is told where they get to. */
  #telling: Example[] = [];
  /** Of all kinds of values. */
  #others: Example[] = [];
  #madeOnce: readonly MadeOnce[] = [];
  /** What was not the same for the same values. */
  #varies: readonly string[] = [];
  #wrong: Counterexample | undefined;
  /** Whether examples for which nothing was written are not compared. */
  #setsAside = false;
  /** Which kind of odd values is the next example of each place. */
  readonly #turns: Turns;
  /** The kinds of odd values that there are at each place, and whether the server took one of each. */
  readonly #kinds = new Map<string, { readonly at: OddAt; isTaken: boolean }>();

  constructor(search: ChartSearch) {
    this.#search = search;
    this.#turns = new Turns((search.examples ?? EXAMPLES) - 1, 'examples');
    this.#tell = search.onProgress ?? (() => {});
  }

  async find(): Promise<FoundChart | NoChart> {
    const { examples: first = EXAMPLES, rounds = 5, random, schema, sample } = this.#search;
    const covering = coveringSpecs(random, schema, sample, first);
    const rest = Array.from({ length: first - covering.length }, () => this.#plain());
    this.#telling = (await this.#observe([...covering, ...rest])).list;
    if (this.#telling.length === 0)
      return { place: 'the examples', why: this.#isOver ? 'the time was over' : 'the server refused all of them' };
    // the words of a sample are a person's, and stand also elsewhere: they do not tell where they got to
    this.#others = (await this.#observe([sample])).list;
    this.#others.push(...(await this.#observeWide(first - 1, this.#turns)).list);
    this.#tell(`${this.#telling.length} plain examples, and ${this.#others.length} of all kinds`);
    for (let round = 0; round < rounds; round++) {
      const templates = await this.#templates(round === 0);
      if (isRefusal(templates)) return templates;
      const heldOut = await this.#heldOut(templates);
      if (heldOut !== undefined) {
        return { templates, examples: this.#count, madeOnce: this.#madeOnce, untried: this.#untried, heldOut };
      }
      if (this.#isOver) return this.#notFound('the time was over');
    }
    return this.#notFound(`after ${rounds} rounds there are still resources that the chart has wrong`);
  }

  get #untried(): readonly OddAt[] {
    const byKey = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    return byKey.flatMap(([, { at, isTaken }]) => (isTaken ? [] : [at]));
  }

  get #count(): number {
    return this.#telling.length + this.#others.length;
  }

  /** Templates for the examples; where there are none, for more of them. */
  async #templates(isFirst: boolean): Promise<ChartTemplates | NoChart> {
    let templates = this.#synthesized();
    if (isRefusal(templates) && isFirst) {
      await this.#sortOut(templates);
      templates = this.#synthesized();
    }
    while (isRefusal(templates) && this.#count < MOST_EXAMPLES && !this.#isOver) {
      this.#tell(`${templates.place} has no template yet; there are more examples made`);
      const more = Math.ceil(Math.min(this.#count, MOST_EXAMPLES - this.#count) / 2);
      const { list } = await this.#observe(Array.from({ length: more }, () => this.#plain()));
      if (list.length === 0) break;
      this.#telling.push(...list);
      this.#others.push(...(await this.#observeWide(more, this.#turns)).list);
      templates = this.#synthesized();
    }
    if (!isRefusal(templates) || this.#varies.length === 0) return templates;
    const varies = this.#varies.slice(0, MOST_TOLD).join(', ');
    return { ...templates, why: `${templates.why}; for the same values it was another time something else: ${varies}` };
  }

  /** Also by those for which nothing was written, if that can be explained; else these are set aside, since the operator may have failed. */
  #synthesized(): ChartTemplates | Refusal {
    const templates = synthesize(this.#telling, this.#others);
    if (!isRefusal(templates) || !this.#others.some((one) => this.#isSilent(one))) return templates;
    const spoken = synthesize(
      this.#telling,
      this.#others.filter((one) => !this.#isSilent(one)),
    );
    if (isRefusal(spoken)) return templates;
    this.#setsAside = true;
    this.#others = this.#others.filter((one) => !this.#isSilent(one));
    return spoken;
  }

  /** Nothing was written, though something is for all plain values. */
  #isSilent({ objects }: Example): boolean {
    return objects.length === 0 && this.#telling.every((one) => one.objects.length > 0);
  }

  /** What is no function may be made once, or was seen too early: everything is looked at once more. */
  async #sortOut({ place }: Refusal): Promise<void> {
    this.#tell(`${place} has no template; the examples are made again`);
    const again = async (examples: readonly Example[]): Promise<readonly Example[]> =>
      (await this.#observe(examples.map(({ values }) => values))).list;
    const telling = await again(this.#telling);
    const wide = await again(this.#others);
    const { secrets, others } = variationOf([...this.#telling, ...this.#others], [...telling, ...wide]);
    this.#madeOnce = secrets;
    this.#varies = others;
    for (const { secret, key } of secrets) this.#tell(`${key} of the Secret ${secret} is made once`);
    this.#telling = telling.map((one) => withSigns(one, secrets));
    this.#others = wide.map((one) => withSigns(one, secrets));
  }

  /** Undefined: the templates have some wrong, which are examples now. */
  async #heldOut(templates: ChartTemplates): Promise<FoundChart['heldOut'] | undefined> {
    const { heldOut = 100 } = this.#search;
    const turns = new Turns(heldOut, 'trials');
    const held = await this.#observeWide(heldOut, turns);
    const isWrong = (example: Example): boolean => !explains(templates, example);
    const seen = held.list.filter(isWrong);
    const failures = (
      await this.#observe(
        seen.map(({ values }) => values),
        true,
      )
    ).list.filter(isWrong);
    const differences = failures.map((one) => differenceWith(templates, one));
    const where = differences.length === 0 ? '' : `, as in ${mostFrequent(differences.map((one) => one.place))}`;
    this.#tell(`${held.list.length} other resources, of which the chart has ${failures.length} wrong${where}`);
    if (failures.length === 0 && held.list.length > 0) {
      // what was seen too early the first time is as it was seen the second time
      const right = held.list.filter((one) => !isWrong(one));
      return { tried: held.list.length, refused: held.refused, silent: held.silent, examples: right };
    }
    this.#wrong = differences[0];
    this.#others.push(...failures);
    return undefined;
  }

  #notFound(why: string): NoChart {
    return { place: 'the chart', why, ...(this.#wrong && { counterexample: this.#wrong }) };
  }

  #plain(): JsonObject {
    const { random, schema, sample } = this.#search;
    return randomSpec(random, schema, sample);
  }

  /** Examples of all kinds of values, so many of which the server takes, if it takes enough. */
  async #observeWide(n: number, turns: Turns) {
    const { random, schema, sample } = this.#search;
    const list: Example[] = [];
    const silent: JsonObject[] = [];
    let refused = 0;
    knowKinds(random, schema, sample, turns);
    for (let left = MOST_DRAWN * n; list.length < n && left > 0 && !this.#isOver; ) {
      const drawn = Array.from({ length: Math.min(n - list.length, AT_ONCE, left) }, () =>
        wideSpec(random, schema, sample, turns),
      );
      left -= drawn.length;
      const found = await this.#observe(drawn.map(({ spec }) => spec));
      this.#countKinds(drawn, found.list, turns);
      const isAside = (one: Example): boolean => this.#setsAside && this.#isSilent(one);
      list.push(...found.list.filter((one) => !isAside(one)));
      silent.push(...found.list.filter(isAside).map(({ values }) => values));
      refused += found.refused;
    }
    return { list, refused, silent };
  }

  #countKinds(drawn: readonly DrawnSpec[], taken: readonly Example[], turns: Turns): void {
    const values = new Set(taken.map((one) => one.values));
    for (const at of turns.kinds) this.#noteKind(at, false);
    for (const { spec, odd } of drawn) {
      const isTaken = values.has(spec);
      for (const at of odd) {
        turns.note(at, isTaken);
        this.#noteKind(at, isTaken);
      }
    }
  }

  #noteKind(at: OddAt, isTaken: boolean): void {
    const key = `${at.place}: ${at.kind}`;
    this.#kinds.set(key, { at, isTaken: isTaken || this.#kinds.get(key)?.isTaken === true });
  }

  get #isOver(): boolean {
    return this.#search.isOver?.() ?? false;
  }

  /** @param always also when the time is over */
  async #observe(specs: readonly JsonObject[], always = false) {
    const found: (Example | undefined)[] = [];
    for (let i = 0; i < specs.length && (always || !this.#isOver); i += AT_ONCE)
      found.push(...(await this.#search.observe(specs.slice(i, i + AT_ONCE))));
    const list = found.filter((example) => example !== undefined).map((one) => withSigns(one, this.#madeOnce));
    return { list, refused: found.length - list.length };
  }
}

/** The first difference between what an operator wrote and what templates give for it. */
function differenceWith(templates: ChartTemplates, { values, objects, ...example }: Example): Counterexample {
  const got = objectsOf(templates, { values, ...example }) as readonly unknown[] as readonly KubeObject[];
  const general = (all: readonly KubeObject[]): readonly KubeObject[] =>
    JSON.parse(JSON.stringify(all).replaceAll(example.name, NAME)) as KubeObject[];
  return counterexampleOf(values, general(objects), general(got)) ?? { values, place: 'the number of objects' };
}

function mostFrequent(texts: readonly string[]): string {
  const count = (text: string): number => texts.filter((one) => one === text).length;
  return [...new Set(texts)].sort((a, b) => count(b) - count(a))[0] ?? '';
}
