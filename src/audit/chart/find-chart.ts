import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { type Counterexample, counterexampleOf } from './counterexample.ts';
import { coveringSpecs } from './covering.ts';
import { type MadeOnce, NAME, variationOf, withSigns } from './made-once.ts';
import { type Random, randomSpec } from './random-spec.ts';
import {
  type ChartTemplates,
  type Example,
  explains,
  isRefusal,
  objectsOf,
  type Refusal,
  synthesize,
} from './synthesize.ts';

/** How a chart is looked for. */
export interface ChartSearch {
  /** What an operator makes of specs; undefined: the server refused one. */
  readonly observe: (specs: readonly JsonObject[]) => Promise<readonly (Example | undefined)[]>;
  readonly schema?: JsonObject;
  readonly sample: JsonObject;
  readonly random: Random;
  /** Examples to begin with; default 60. They cover all pairs of choices as far as so many can, the others are random. */
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
  readonly heldOut: {
    readonly tried: number;
    /** The server took so many not. */
    readonly refused: number;
    /** What the operator made of those that were tried, with signs for what is made once. */
    readonly examples: readonly Example[];
  };
}

/** There is no chart: why, and the values that show it where there are such. */
export interface NoChart extends Refusal {
  readonly counterexample?: Counterexample;
}

/** An operator is waited for once for so many. */
const AT_ONCE = 30;
const MOST_TOLD = 5;
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
  #examples: Example[] = [];
  #madeOnce: readonly MadeOnce[] = [];
  /** What was not the same for the same values. */
  #varies: readonly string[] = [];
  #wrong: Counterexample | undefined;

  constructor(search: ChartSearch) {
    this.#search = search;
    this.#tell = search.onProgress ?? (() => {});
  }

  async find(): Promise<FoundChart | NoChart> {
    const { examples: first = 60, rounds = 5, random, schema, sample } = this.#search;
    const covering = coveringSpecs(random, schema, sample, first - 1);
    const rest = Array.from({ length: first - 1 - covering.length }, () => this.#random());
    this.#examples = (await this.#observe([sample, ...covering, ...rest])).list;
    if (this.#examples.length === 0)
      return { place: 'the examples', why: this.#isOver ? 'the time was over' : 'the server refused all of them' };
    this.#tell(`${this.#examples.length} examples`);
    for (let round = 0; round < rounds; round++) {
      const templates = await this.#templates(round === 0);
      if (isRefusal(templates)) return templates;
      const held = await this.#heldOut(templates);
      if (held !== undefined)
        return { templates, examples: this.#examples.length, madeOnce: this.#madeOnce, heldOut: held };
      if (this.#isOver) return this.#notFound('the time was over');
    }
    return this.#notFound(`after ${rounds} rounds there are still resources that the chart has wrong`);
  }

  /** Templates for the examples; where there are none, for more of them. */
  async #templates(isFirst: boolean): Promise<ChartTemplates | NoChart> {
    let templates = synthesize(this.#examples);
    if (isRefusal(templates) && isFirst) {
      await this.#sortOut(templates);
      templates = synthesize(this.#examples);
    }
    while (isRefusal(templates) && this.#examples.length < MOST_EXAMPLES && !this.#isOver) {
      this.#tell(`${templates.place} has no template yet; there are more examples made`);
      const more = Math.min(this.#examples.length, MOST_EXAMPLES - this.#examples.length);
      const { list } = await this.#observe(Array.from({ length: more }, () => this.#random()));
      if (list.length === 0) break;
      this.#examples.push(...list);
      templates = synthesize(this.#examples);
    }
    if (!isRefusal(templates) || this.#varies.length === 0) return templates;
    const varies = this.#varies.slice(0, MOST_TOLD).join(', ');
    return { ...templates, why: `${templates.why}; for the same values it was another time something else: ${varies}` };
  }

  /** What is no function may be made once, or was seen too early: everything is looked at once more. */
  async #sortOut({ place }: Refusal): Promise<void> {
    this.#tell(`${place} has no template; the examples are made again`);
    const again = (await this.#observe(this.#examples.map(({ values }) => values))).list;
    const { secrets, others } = variationOf(this.#examples, again);
    this.#madeOnce = secrets;
    this.#varies = others;
    for (const { secret, key } of secrets) this.#tell(`${key} of the Secret ${secret} is made once`);
    this.#examples = again.map((one) => withSigns(one, secrets));
  }

  /** Undefined: the templates have some wrong, which are examples now. */
  async #heldOut(templates: ChartTemplates): Promise<FoundChart['heldOut'] | undefined> {
    const { heldOut = 100 } = this.#search;
    const held = await this.#observe(Array.from({ length: heldOut }, () => this.#random()));
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
      return { tried: held.list.length, refused: held.refused, examples: right };
    }
    this.#wrong = differences[0];
    this.#examples.push(...failures);
    return undefined;
  }

  #notFound(why: string): NoChart {
    return { place: 'the chart', why, ...(this.#wrong && { counterexample: this.#wrong }) };
  }

  #random(): JsonObject {
    const { random, schema, sample } = this.#search;
    return randomSpec(random, schema, sample);
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
