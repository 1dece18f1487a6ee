import type { JsonValue } from 'nekube/apimachinery';
import { Decision, type Term } from './decide.ts';
import { fitEncoded, fitSplit } from './fit-text.ts';
import type { Fitting, Sample } from './fitting.ts';
import { bitsOf, countBits } from './questions.ts';
import { fitPresent } from './present.ts';
import { sizeOf } from './size.ts';
import { variantsOf } from './refine-text.ts';
import { waysOf } from './text-ways.ts';
import { evaluate, isSame, type Path, type Scope, type Template, TEXT_FUNCTIONS, textOf, valueAt } from './template.ts';

/** A text that takes no more questions is not taken apart. */
const FEW_QUESTIONS = 1;
const SOME_QUESTIONS = 3;
/** So many templates are chosen from, those that give most. */
const MOST_TERMS = 24;
/** So many texts are taken apart, of those that no other one explains. */
const MOST_TAKEN_APART = 8;
/** A hash, whole or cut. */
const HASH = /^[0-9a-f]{6,64}$/;
/** So many different values are taken for what is always so. */
const MOST_CONSTANTS = 20;

/**
 * Texts, numbers and truth values, and where there is nothing: decided by questions, and texts also by their parts.
 *
 * @param likely what gave samples like these
 */
export function fitScalar(
  samples: readonly Sample[],
  fitting: Fitting,
  likely: readonly Template[] = [],
): Template | undefined {
  const { asked } = fitting.about(samples);
  const decision = new Decision(samples.length, termsOf(samples, fitting, likely), asked);
  const simple = decision.find(FEW_QUESTIONS);
  if (simple !== undefined) return simple;
  const some = decision.find(SOME_QUESTIONS);
  return smallest([some, fitParts(samples, fitting)]) ?? decision.find();
}

function fitParts(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const there = samples.filter(({ out }) => out !== undefined);
  if (!there.every(({ out }) => typeof out === 'string')) {
    if (there.length === samples.length) return undefined;
    return fitPresent(samples, fitting, (some) => fitting.fit(some));
  }
  const encoded = fitEncoded(samples, fitting);
  if (encoded !== undefined) return encoded;
  if (there.length < samples.length) return fitPresent(samples, fitting, (some) => fitting.fit(some));
  return fitSplit(samples, fitting);
}

function smallest(all: readonly (Template | undefined)[]): Template | undefined {
  return all.filter((one) => one !== undefined).sort((a, b) => sizeOf(a) - sizeOf(b))[0];
}

/** What gives most of the samples, without a question; undefined: nothing does. */
export function bestTerm(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  return termsOf(samples, fitting)[0]?.template;
}

/** What gives some of the samples, without a question. */
function termsOf(samples: readonly Sample[], fitting: Fitting, likely: readonly Template[] = []): readonly Term[] {
  const { scalars, collections, objects } = fitting.about(samples).places;
  const terms = new Map<bigint, Term>();
  const note = (template: Template): bigint => {
    const covers = bitsOf(samples, ({ scope, out }) => isSame(evaluate(template, scope), out));
    const known = terms.get(covers);
    if (covers !== 0n && (known === undefined || sizeOf(template) < sizeOf(known.template)))
      terms.set(covers, { template, covers });
    return covers;
  };
  note({ form: 'absent' });
  for (const path of scalars) note(copyOf(samples, path));
  for (const template of likely)
    for (const one of variantsOf(template.form === 'copy' ? copyOf(samples, template.path) : template, samples))
      note(one);
  for (const value of frequent(samples)) note({ form: 'constant', value });
  for (const path of scalars) for (const one of affineOf(samples, path)) note(one);
  for (const path of scalars)
    for (const name of Object.keys(TEXT_FUNCTIONS) as (keyof typeof TEXT_FUNCTIONS)[])
      if (samples.some(({ scope, out }) => isApplied(name, valueAt(scope, path), out)))
        note({ form: 'apply', function: name, of: copyOf(samples, path) });
  for (const path of scalars) {
    const one = samples.find(({ scope, out }) => out !== undefined && valueAt(scope, path) !== undefined);
    for (const hash of one === undefined ? [] : hashOf(copyOf(samples, path), one.scope, one.out)) note(hash);
  }
  for (const path of [...collections, ...objects]) for (const one of jsonOf(samples, path)) note(one);
  for (const one of hashesOf(samples, fitting)) note(one);
  const known = [...terms.values()]
    .filter(({ template }) => template.form !== 'constant')
    .reduce((all, { covers }) => all | covers, 0n);
  noteTexts(samples, scalars, known, note);
  return [...terms.values()].sort((a, b) => countBits(b.covers) - countBits(a.covers)).slice(0, MOST_TERMS);
}

/** A whole object or list in a text, and what is counted from that, where any sample has it. */
function jsonOf(samples: readonly Sample[], path: Path): readonly Template[] {
  const json: Template = { form: 'apply', function: 'toJson', of: { form: 'copy', path } };
  const { scope, out } = samples.find((one) => typeof one.out === 'string' && valueAt(one.scope, path)) ?? {};
  if (scope === undefined) return [];
  return evaluate(json, scope) === out ? [json] : hashOf(json, scope, out);
}

/** The hash of a text, whole or cut, if that is what came of it. */
function hashOf(of: Template, scope: Scope, out: JsonValue | undefined): readonly Template[] {
  if (typeof out !== 'string' || !HASH.test(out)) return [];
  const hash: Template = { form: 'apply', function: 'sha256sum', of };
  const whole = textOf(evaluate(hash, scope));
  if (whole === out) return [hash];
  return whole.startsWith(out) ? [{ form: 'apply', function: 'trunc', argument: out.length, of: hash }] : [];
}

/** Hashes of what other objects have in them, also cut, as they stand in annotations that a change shall restart something. */
function* hashesOf(samples: readonly Sample[], { offered }: Fitting): Generator<Template> {
  // in a loop the others' items would be called otherwise
  const isHash = ({ scope, out }: Sample): boolean =>
    scope.items.length === 0 && typeof out === 'string' && HASH.test(out);
  if (!samples.some(isHash)) return;
  for (const of of offered) yield* variantsOf({ form: 'apply', function: 'sha256sum', of }, samples);
}

function copyOf(samples: readonly Sample[], path: Path): Template {
  return { form: 'copy', path, ...(samples.some((one) => isNothing(one, path)) && { maybe: true }) };
}

function isNothing({ scope, out }: Sample, path: Path): boolean {
  return out === undefined && valueAt(scope, path) === undefined;
}

function isApplied(
  name: keyof typeof TEXT_FUNCTIONS,
  value: JsonValue | undefined,
  out: JsonValue | undefined,
): boolean {
  // what has no letters is in no case
  const isOther = typeof out === 'string' && value !== undefined && textOf(value) !== out;
  return isOther && TEXT_FUNCTIONS[name](textOf(value)) === out;
}

/** Texts with values in them: by the ways in which those that are not explained can be read. */
function noteTexts(
  samples: readonly Sample[],
  scalars: readonly Path[],
  known: bigint,
  note: (template: Template) => bigint,
): void {
  let left = bitsOf(samples, ({ out }) => typeof out === 'string') & ~known;
  for (let n = 0; n < MOST_TAKEN_APART && left !== 0n; n++) {
    const at = countBits((left & -left) - 1n);
    const { scope, out } = samples[at]!;
    // what comes often is looked at once
    left &= ~bitsOf(samples, (one) => one.out === out);
    for (const parts of waysOf({ scope, out: out as string }, scalars)) left &= ~note({ form: 'text', parts });
  }
}

/** The values that come most often. */
function frequent(samples: readonly Sample[]): readonly JsonValue[] {
  const counts = new Map<string, { value: JsonValue; n: number }>();
  for (const { out } of samples) {
    if (out === undefined) continue;
    const known = counts.get(JSON.stringify(out));
    if (known === undefined) counts.set(JSON.stringify(out), { value: out, n: 1 });
    else known.n++;
  }
  const all = [...counts.values()].sort((a, b) => b.n - a.n).slice(0, MOST_CONSTANTS);
  return all.map(({ value }) => value);
}

/** Integers that go with a number: by what stands beside it, and by two that differ. */
function affineOf(samples: readonly Sample[], path: Path): readonly Template[] {
  const points = samples.flatMap(({ scope, out }) => {
    const x = valueAt(scope, path);
    const y = typeof out === 'string' && /^-?\d{1,15}$/.test(out) ? Number(out) : out;
    return typeof x === 'number' && typeof y === 'number' ? [[x, y] as const] : [];
  });
  const isText = samples.some(({ out }) => typeof out === 'string');
  const isMaybe = !isText && samples.some((one) => isNothing(one, path));
  const found = new Map<string, Template>();
  for (let i = 1; i < Math.min(points.length, 12); i++) {
    const [[x1, y1], [x2, y2]] = [points[i - 1]!, points[i]!];
    const factor = (y2 - y1) / (x2 - x1);
    const add = y1 - factor * x1;
    if (!Number.isInteger(factor) || !Number.isInteger(add) || factor === 0 || (factor === 1 && add === 0)) continue;
    const affine: Template = { form: 'affine', path, factor, add, ...(isMaybe && { maybe: true }) };
    found.set(`${factor} ${add}`, isText ? { form: 'text', parts: [affine] } : affine);
  }
  return [...found.values()];
}
