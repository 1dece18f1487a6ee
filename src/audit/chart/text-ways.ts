import { type Path, type Scope, type Template, TEXT_FUNCTIONS, textOf, valueAt } from './template.ts';

/** So many ways to take a text apart are tried. */
const MOST_WAYS = 48;

type Part = string | Template;

/** The ways to read a text as values of its scope and what is between them, the longest values first. */
export function* waysOf(
  { scope, out }: { readonly scope: Scope; readonly out: string },
  scalars: readonly Path[],
): Generator<readonly Part[]> {
  const byText = new Map<string, Template[]>();
  const note = (text: string, template: Template): void => {
    if (text === '' || !out.includes(text)) return;
    byText.set(text, [...(byText.get(text) ?? []), template]);
  };
  for (const path of scalars) {
    const text = textOf(valueAt(scope, path));
    const copy: Template = { form: 'copy', path };
    note(text, copy);
    for (const name of ['upper', 'lower'] as const) {
      const other = TEXT_FUNCTIONS[name](text);
      if (other !== text) note(other, { form: 'apply', function: name, of: copy });
    }
  }
  if (byText.size === 0) return;
  const texts = [...byText.keys()].sort((a, b) => b.length - a.length);
  // a value that stands at several paths may be any of them, or a text that is always so
  const choices = cut(out, texts).map((segment): readonly Part[] => {
    const templates = byText.get(segment) ?? [];
    return segment.length <= 2 ? [segment, ...templates] : [...templates, segment];
  });
  let ways = 0;
  for (const way of product(choices)) {
    const parts = joined(way);
    if (parts.some((part) => typeof part !== 'string')) yield parts;
    if (++ways >= MOST_WAYS) return;
  }
}

function cut(text: string, values: readonly string[]): string[] {
  const [value, ...others] = values;
  if (text === '') return [];
  if (value === undefined) return [text];
  const pieces = text.split(value);
  return pieces.flatMap((piece, i) => [...(i > 0 ? [value] : []), ...cut(piece, others)]);
}

function* product(choices: readonly (readonly Part[])[]): Generator<Part[]> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const one of first) for (const others of product(rest)) yield [one, ...others];
}

/** Parts with texts that follow each other as one, and those of a text among them as parts of their own. */
export function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else if (part !== '') all.push(part);
  }
  return all;
}
