import type { Sample } from './fitting.ts';
import { evaluate, type Of, type Template, TEXT_FUNCTIONS, textOf } from './template.ts';

/** A text is cut at no more than so many lengths. */
const MOST_CUTS = 2;
const ROUNDS = 2;
/** What is done with texts, the first first. */
const CHAINS = [['lower'], ['upper'], ['trim'], ['trim', 'lower'], ['trim', 'upper']] as const;

/** A template, and what charts make of texts besides: in one case, without spaces around, cut as names are. */
export function* variantsOf(template: Template, samples: readonly Sample[]): Generator<Template> {
  yield template;
  if (template.form === 'absent' || template.form === 'constant' || template.form === 'affine') return;
  const texts = samples.map(({ scope, out }) => {
    const value = evaluate(template, scope);
    return { text: value === undefined ? '' : textOf(value), out };
  });
  const all: Template[] = [template];
  for (const chain of CHAINS) {
    const changed = (text: string): string => chain.reduce((of, name) => TEXT_FUNCTIONS[name](of), text);
    const isIt = texts.some(({ text, out }) => text !== out && changed(text) === out);
    const isCut = texts.some(({ text, out }) => isCutFrom(changed(text), out) && !isCutFrom(text, out));
    if (isIt || isCut)
      all.push(chain.reduce<Template>((of, name) => ({ form: 'apply', function: name, of }), template));
  }
  yield* all.slice(1);
  for (const one of all)
    for (const length of cutsOf(one, samples)) {
      const cut: Template = { form: 'apply', function: 'trunc', argument: length, of: one };
      yield cut;
      yield { form: 'apply', function: 'trimSuffix', argument: '-', of: cut };
    }
}

function isCutFrom(text: string, out: unknown): out is string {
  return typeof out === 'string' && out !== '' && out.length < text.length && text.startsWith(out);
}

/** The lengths that texts are cut at: the largest that was seen, and that of most. */
function cutsOf(template: Template, samples: readonly Sample[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const { scope, out } of samples) {
    if (!isCutFrom(textOf(evaluate(template, scope)), out)) continue;
    const length = Buffer.byteLength(out);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const lengths = [...counts.keys()].sort((a, b) => b - a);
  const frequent = [...lengths].sort((a, b) => counts.get(b)! - counts.get(a)!);
  return [...new Set([...lengths.slice(0, 1), ...frequent])].slice(0, MOST_CUTS);
}

/** A text of which parts are not right: each by what stands between the others, where these are right. */
export function refineParts(
  template: Of<'text'>,
  samples: readonly Sample[],
  refine: (part: Template, samples: readonly Sample[]) => Template | undefined,
): Template | undefined {
  const parts = [...template.parts];
  let isOther = false;
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, part] of parts.entries()) {
      if (typeof part === 'string') continue;
      const between = samples.flatMap(({ scope, out }): Sample[] => {
        const textIn = (some: readonly (string | Template)[]): string =>
          textOf(evaluate({ form: 'text', parts: some }, scope));
        const [before, behind] = [textIn(parts.slice(0, at)), textIn(parts.slice(at + 1))];
        if (typeof out !== 'string' || out.length < before.length + behind.length) return [];
        if (!out.startsWith(before) || !out.endsWith(behind)) return [];
        const own = out.slice(before.length, out.length - behind.length);
        // in a text what is not there is empty
        return [{ scope, out: own === '' && evaluate(part, scope) === undefined ? undefined : own }];
      });
      if (between.every(({ scope, out }) => textOf(evaluate(part, scope)) === textOf(out))) continue;
      const other = refine(part, between);
      if (other === undefined || other === part) continue;
      parts[at] = other;
      isOther = true;
    }
  return isOther ? { form: 'text', parts } : undefined;
}
