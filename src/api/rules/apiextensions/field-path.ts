import { Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** Where a path leads to in a schema, or why it leads nowhere. */
export type FoundField = { readonly path: Path; readonly schema: Loose } | { readonly fault: string };

/**
 * Follows a path of names (`.spec.ports`, `.metadata['a.b']`) in a schema.
 *
 * @param brackets names in brackets are allowed
 */
export function findField(text: string, root: Loose, brackets: boolean): FoundField {
  const tokens = tokensOf(text);
  let [path, schema] = [Path.root, root];
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i++];
    if (token !== '.' && token !== '[') return { fault: `expected [ or . but got: ${token}` };
    if (token === '[' && !brackets) return { fault: 'array notation is not allowed' };
    const next = tokens[i++];
    if (next === undefined) return { fault: 'unexpected end of JSON path' };
    const name = token === '[' ? unquote(next) : { text: next };
    if ('fault' in name) return name;
    const found = step(schema, name.text, path);
    if (found === undefined) return { fault: 'does not refer to a valid field' };
    ({ path, schema } = found);
    if (token === '.') continue;
    const end = tokens[i++];
    if (end === undefined) return { fault: 'unexpected end of JSON path' };
    if (end !== ']') return { fault: `expected ] but got ${end}` };
  }
  return { path, schema };
}

/** Dots and brackets, what is between them, and quoted texts whole. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = tokenEnd(text, at);
    tokens.push(text.slice(at, end));
    at = end;
  }
  return tokens;
}

function tokenEnd(text: string, start: number): number {
  if (text[start] === "'") {
    for (let i = start + 1; i < text.length; i++) if (text[i] === "'" && text[i - 1] !== '\\') return i + 1;
    return text.length;
  }
  if (/[.[\]]/.test(text[start]!)) return start + 1;
  let end = start;
  while (end < text.length && !/[.[\]]/.test(text[end]!)) end++;
  return end;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unquote(token: string): { readonly text: string } | { readonly fault: string } {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) {
    return { fault: `expected single quoted string but got ${token}` };
  }
  const inner = token.slice(1, -1);
  const bad = [...inner.matchAll(/\\(.)/g)].find(([, char]) => escapes[char!] === undefined);
  if (bad) return { fault: `invalid string literal: invalid escape char ${bad[0]}` };
  return { text: inner.replace(/\\(.)/g, (_, char: string) => escapes[char]!) };
}

function step(schema: Loose, name: string, path: Path): { path: Path; schema: Loose } | undefined {
  if (schema?.properties) {
    if (!Object.hasOwn(schema.properties, name)) return undefined;
    return { path: path.child(name), schema: schema.properties[name] };
  }
  const more = schema?.additionalProperties;
  if (more === undefined || more === null) return undefined;
  return { path: path.key(name), schema: typeof more === 'object' ? more : undefined };
}
