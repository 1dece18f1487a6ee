import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { type Term, separate } from './decide.ts';
import { fitList } from './fit-list.ts';
import { fitMembers } from './fit-object.ts';
import { fitScalar } from './fit-scalar.ts';
import { Fitting, type Sample } from './fitting.ts';
import { normalized } from './normalized.ts';
import { fitPresent } from './present.ts';
import { type Asked, bitsOf, countBits } from './questions.ts';
import { sizeOf } from './size.ts';
import { isSame, type Template, valueAt } from './template.ts';

export type { Sample } from './fitting.ts';

/** With so few questions it is asked whether something is there before it is tried without asking. */
const FEW_QUESTIONS = 1;
/** What came so often to the same is constant. */
const MANY = 3;
/** So many questions that settle one side are tried for what is not of one form. */
const MOST_SETTLED = 6;

/** A search for the simplest templates that give samples, of the forms that there are. */
export function newFitting(): Fitting {
  return new Fitting(fitHere);
}

/**
 * The simplest template that gives all samples; undefined: none is found.
 *
 * A function of examples alone: that it also gives what was not seen must be tried.
 */
export function fit(samples: readonly Sample[], fitting: Fitting = newFitting()): Template | undefined {
  return fitting.fit(samples);
}

function fitHere(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const [first] = samples;
  if (first === undefined || samples.every(({ out }) => out === undefined)) return { form: 'absent' };
  const isConstant = samples.every(({ out }) => isSame(out, first.out));
  const constant: Template | undefined = isConstant ? { form: 'constant', value: first.out! } : undefined;
  // what was seen a few times may be always so by chance, and is rather what the values say
  return samples.length >= MANY && constant !== undefined ? constant : (fitVarying(samples, fitting) ?? constant);
}

function fitVarying(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const copied = copies(samples, fitting)[0];
  if (copied !== undefined && copied.covers === bitsOf(samples, () => true)) return copied.template;
  const types = new Set(samples.map(({ out }) => typeOf(out)));
  types.delete('nothing');
  if (types.size > 1) return fitMixed(samples, fitting);
  if (types.has('object')) return fitObject(samples, fitting) ?? fitting.settling(() => fitSettled(samples, fitting));
  if (types.has('list')) return fitWholeList(samples, fitting) ?? fitting.settling(() => fitSettled(samples, fitting));
  return fitScalar(samples, fitting);
}

function typeOf(out: JsonValue | undefined): 'nothing' | 'object' | 'list' | 'scalar' {
  if (out === undefined) return 'nothing';
  if (Array.isArray(out)) return 'list';
  return isJsonObject(out) ? 'object' : 'scalar';
}

/** The members ask for themselves; that the object is not there at all is asked first, where that is easily said. */
function fitObject(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const whole = (some: readonly Sample[], omit = false): Template | undefined => fitMembers(some, omit, fitting);
  if (samples.every(({ out }) => out !== undefined)) return whole(samples);
  const simple = fitPresent(samples, fitting, whole, FEW_QUESTIONS);
  if (simple !== undefined) return simple;
  const isEmptySeen = samples.some(({ out }) => isJsonObject(out) && Object.keys(out).length === 0);
  const omitted = isEmptySeen ? undefined : whole(samples, true);
  return omitted ?? fitPresent(samples, fitting, whole);
}

/** A list without items is as good as none. */
function fitWholeList(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const whole = (some: readonly Sample[]): Template | undefined => fitList(some, fitting);
  if (samples.every(({ out }) => out !== undefined)) return whole(samples);
  return fitPresent(samples, fitting, whole, FEW_QUESTIONS) ?? whole(samples) ?? fitPresent(samples, fitting, whole);
}

/** Of several types: one of them, or the others. */
function fitMixed(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const scopes = samples.map(({ scope }) => scope);
  for (const type of ['object', 'list', 'scalar', 'nothing']) {
    const isOfType = (i: number): boolean => typeOf(samples[i]!.out) === type;
    const question = separate(scopes, isOfType, fitting.about(samples).asked);
    if (question === undefined) continue;
    const met = fitting.fit(samples.filter((_, i) => isOfType(i)));
    const otherwise = met && fitting.fit(samples.filter((_, i) => !isOfType(i)));
    if (met !== undefined && otherwise !== undefined) return { form: 'if', question, met, otherwise };
  }
  return undefined;
}

/** A question of which one answer comes to a value of the scope, or always to the same; the other is fitted. */
function fitSettled(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const terms = [...copies(samples, fitting), ...constants(samples)];
  const settled = fitting.about(samples).asked.flatMap(({ question, yes }: Asked) => {
    const no = bitsOf(samples, () => true) ^ yes;
    return [yes, no].flatMap((side) => {
      const term = terms.find(({ covers }) => (side & ~covers) === 0n);
      return term === undefined ? [] : [{ question, side, isYes: side === yes, term }];
    });
  });
  settled.sort((a, b) => countBits(b.side) - countBits(a.side));
  for (const { question, side, isYes, term } of settled.slice(0, MOST_SETTLED)) {
    const other = fitting.fit(samples.filter((_, i) => ((side >> BigInt(i)) & 1n) === 0n));
    if (other === undefined) continue;
    const [met, otherwise] = isYes ? [term.template, other] : [other, term.template];
    return { form: 'if', question, met, otherwise };
  }
  return undefined;
}

/** Values of the scope, by how many samples they give. */
function copies(samples: readonly Sample[], fitting: Fitting): Term[] {
  const { scalars, collections, objects } = fitting.about(samples).places;
  const outs = samples.map(({ out }) => normalized(out ?? null));
  return [...scalars, ...collections, ...objects]
    .map((path): Term => {
      const isIt = ({ scope }: Sample, i: number): boolean => isSame(normalized(valueAt(scope, path) ?? null), outs[i]);
      const covers = bitsOf(samples, isIt);
      const maybe = samples.some(({ out }, i) => out === undefined && ((covers >> BigInt(i)) & 1n) === 1n);
      return { template: { form: 'copy', path, ...(maybe && { maybe }) }, covers };
    })
    .filter(({ covers }) => covers !== 0n)
    .sort((a, b) => countBits(b.covers) - countBits(a.covers));
}

function constants(samples: readonly Sample[]): Term[] {
  const found: Term[] = [{ template: { form: 'absent' }, covers: bitsOf(samples, ({ out }) => out === undefined) }];
  let rest = samples.filter(({ out }) => out !== undefined);
  while (rest.length > 0) {
    const { out } = rest[0]!;
    const covers = bitsOf(samples, (one) => isSame(one.out, out));
    if (countBits(covers) > 1) found.push({ template: { form: 'constant', value: out! }, covers });
    rest = rest.filter((one) => !isSame(one.out, out));
  }
  return found.sort((a, b) => sizeOf(a.template) - sizeOf(b.template));
}
