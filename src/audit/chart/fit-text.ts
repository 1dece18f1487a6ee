import type { JsonValue } from 'nekube/apimachinery';
import {
  type Path,
  type Scope,
  type Template,
  TEXT_FUNCTIONS,
  type TextFunction,
  textOf,
  valueAt,
} from './template.ts';

/** A scope, and the text that came of it. */
export interface TextSample {
  readonly scope: Scope;
  readonly out: string;
}

/** Texts are taken apart by those of so many samples; others only check. */
const TAKEN_APART = 4;
/** So many ways to take a text apart are tried. */
const MOST_WAYS = 64;

/** A template of texts and values among them, that gives all samples; undefined: there is none. */
export function fitText(samples: readonly TextSample[], scalars: readonly Path[]): Template | undefined {
  for (const sample of samples.slice(0, TAKEN_APART)) {
    for (const parts of waysOf(sample, scalars)) {
      if (parts.length === 1 && typeof parts[0] === 'string') continue;
      if (samples.every(({ scope, out }) => textBy(parts, scope) === out)) return { form: 'text', parts };
    }
  }
  return fitEncoded(samples, scalars);
}

function textBy(parts: readonly (string | Path)[], scope: Scope): string {
  return parts.map((part) => (typeof part === 'string' ? part : textOf(valueAt(scope, part)))).join('');
}

/** The ways to read a text as values of the scope and what is between them, the longest values first. */
function* waysOf({ scope, out }: TextSample, scalars: readonly Path[]): Generator<readonly (string | Path)[]> {
  const byText = new Map<string, Path[]>();
  for (const path of scalars) {
    const text = textOf(valueAt(scope, path));
    if (text === '' || !out.includes(text)) continue;
    byText.set(text, [...(byText.get(text) ?? []), path]);
  }
  const texts = [...byText.keys()].sort((a, b) => b.length - a.length);
  const segments = cut(out, texts);
  // a value that stands at several paths may be any of them, or a text that is always so
  const choices = segments.map((segment): readonly (string | Path)[] => {
    const paths = byText.get(segment) ?? [];
    return segment.length <= 2 ? [segment, ...paths] : [...paths, segment];
  });
  let ways = 0;
  for (const way of product(choices)) {
    yield joined(way);
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

function* product(choices: readonly (readonly (string | Path)[])[]): Generator<(string | Path)[]> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const one of first) for (const others of product(rest)) yield [one, ...others];
}

/** Texts that follow each other as one. */
function joined(parts: readonly (string | Path)[]): (string | Path)[] {
  const all: (string | Path)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}

/** Texts that are made of others: encoded, hashed, in another case. */
function fitEncoded(samples: readonly TextSample[], scalars: readonly Path[]): Template | undefined {
  const decoded = samples.map(({ scope, out }) => ({ scope, out: Buffer.from(out, 'base64').toString('utf8') }));
  const isBase64 = samples.every(({ out }, i) => out !== '' && Buffer.from(decoded[i]!.out).toString('base64') === out);
  if (isBase64) {
    const of = decoded.every(({ out }) => out === decoded[0]!.out)
      ? ({ form: 'constant', value: decoded[0]!.out as JsonValue } as const)
      : fitText(decoded, scalars);
    if (of !== undefined) return { form: 'apply', function: 'b64enc', of };
  }
  for (const name of ['sha256sum', 'lower', 'upper'] as readonly TextFunction[]) {
    const path = scalars.find((one) =>
      samples.every(({ scope, out }) => TEXT_FUNCTIONS[name](textOf(valueAt(scope, one))) === out),
    );
    if (path !== undefined) return { form: 'apply', function: name, of: { form: 'copy', path } };
  }
  return undefined;
}
