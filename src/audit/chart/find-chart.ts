import type { JsonObject } from 'nekube/apimachinery';
import { type Random, randomSpec } from './random-spec.ts';
import { type ChartTemplates, type Example, explains, isRefusal, type Refusal, synthesize } from './synthesize.ts';

/** How a chart is looked for. */
export interface ChartSearch {
  /** What an operator makes of specs; undefined: the server refused one. */
  readonly observe: (specs: readonly JsonObject[]) => Promise<readonly (Example | undefined)[]>;
  readonly schema?: JsonObject;
  readonly sample: JsonObject;
  readonly random: Random;
  /** Examples to begin with; default 60. */
  readonly examples?: number;
  /** Resources that are tried at the end, and are in no example; default 100. */
  readonly heldOut?: number;
  /** How often a chart that was wrong is looked for anew; default 5. */
  readonly rounds?: number;
  readonly onProgress?: (text: string) => void;
}

/** A chart that was found, and how well it holds. */
export interface FoundChart {
  readonly templates: ChartTemplates;
  readonly examples: number;
  readonly heldOut: { readonly tried: number; readonly refused: number };
}

/** There is no chart: why, and the values that show it where there are such. */
export interface NoChart extends Refusal {
  readonly counterexample?: JsonObject;
}

/** An operator is waited for once for so many. */
const AT_ONCE = 60;

/**
 * Looks for a chart by examples, tries it on random resources that were not among them, and looks anew with those that it got wrong. It
 * is found when none of `heldOut` is wrong.
 */
export async function findChart(search: ChartSearch): Promise<FoundChart | NoChart> {
  const { examples: first = 60, heldOut = 100, rounds = 5, onProgress = () => {} } = search;
  const examples = await observed(search, first, [search.sample]);
  onProgress(`${examples.list.length} examples`);
  let wrong: Example | undefined;
  for (let round = 0; round < rounds; round++) {
    let templates = synthesize(examples.list);
    if (isRefusal(templates) && round === 0) {
      // what is no function may have been seen too early: everything is looked at once more
      onProgress(`${templates.place} has no template; the examples are made again`);
      examples.list = await again(search, examples.list);
      templates = synthesize(examples.list);
    }
    if (isRefusal(templates)) return templates;
    const found = templates;
    const held = await observed(search, heldOut, []);
    const isWrong = (example: Example): boolean => !explains(found, example);
    const failures = (await again(search, held.list.filter(isWrong))).filter(isWrong);
    onProgress(`${held.list.length} other resources, of which the chart has ${failures.length} wrong`);
    if (failures.length === 0)
      return { templates, examples: examples.list.length, heldOut: { tried: held.list.length, refused: held.refused } };
    [wrong] = failures;
    examples.list.push(...failures);
  }
  const why = `after ${rounds} rounds there are still resources that the chart has wrong`;
  return { place: 'the chart', why, ...(wrong && { counterexample: wrong.values }) };
}

/** The same values once more. */
async function again(search: ChartSearch, examples: readonly Example[]): Promise<Example[]> {
  const found = await inBatches(
    search,
    examples.map(({ values }) => values),
  );
  return found.filter((one) => one !== undefined);
}

/** Whether there is none. */
export function isNoChart(found: FoundChart | NoChart): found is NoChart {
  return 'why' in found;
}

async function observed(search: ChartSearch, n: number, begin: readonly JsonObject[]) {
  const { schema, sample, random } = search;
  const specs = [...begin, ...Array.from({ length: n }, () => randomSpec(random, schema, sample))];
  const found = await inBatches(search, specs);
  const list = found.filter((example) => example !== undefined);
  return { list, refused: found.length - list.length };
}

async function inBatches({ observe }: ChartSearch, specs: readonly JsonObject[]): Promise<(Example | undefined)[]> {
  const found: (Example | undefined)[] = [];
  for (let i = 0; i < specs.length; i += AT_ONCE) found.push(...(await observe(specs.slice(i, i + AT_ONCE))));
  return found;
}
