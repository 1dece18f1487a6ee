/** The words that cannot be names in expressions. */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];
const TO_ESCAPED: ReadonlyMap<string, string> = new Map(ESCAPES);
const FROM_ESCAPED: ReadonlyMap<string, string> = new Map(ESCAPES.map(([plain, escaped]) => [escaped, plain]));

/** A property's name as expressions spell it: `a-b` is `a__dash__b`. Undefined for a name that none can spell. */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  return name.replace(/__|[-./]/g, (part) => TO_ESCAPED.get(part)!);
}

/** The property that an expression means by a name; undefined for a name with an escape that is none. */
export function unescapeName(escaped: string): string | undefined {
  let valid = true;
  const name = escaped.replace(/__[^_]+__/g, (part) => {
    const word = part.slice(2, -2);
    const plain = FROM_ESCAPED.get(part);
    if (plain !== undefined) return plain;
    if (!RESERVED.has(word) || part.length !== escaped.length) valid = false;
    return word;
  });
  return valid ? name : undefined;
}

/** True for a word that cannot be a name; some types let it be selected nevertheless. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}
