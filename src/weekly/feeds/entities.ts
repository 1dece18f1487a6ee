import { NAMED_ENTITIES } from './named-entities.ts';

/** What was met where `&` stood: `undefined-name` in XML is a name that only HTML has, or nobody. */
export type EntityProblem = 'bare' | 'undefined-name' | 'control';

/** The names that XML has without a DTD. */
const XML_NAMES = new Set(['amp', 'lt', 'gt', 'quot', 'apos']);

/** What browsers read for references to the codes 128 to 159, which people mean as windows-1252. */
const CODES_OF_1252: Readonly<Record<number, string>> = Object.fromEntries(
  [...'€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'].flatMap((char, at) => (char === '\0' ? [] : [[0x80 + at, char]])),
);

/**
 * Replaces references to characters, once: what comes out is not looked at again, so nothing grows. Names of HTML are known
 * everywhere; what is no reference stays as it is written. `report` hears of what XML does not allow.
 */
export function decodeEntities(
  text: string,
  report?: (problem: EntityProblem, found: string, at: number) => void,
): string {
  let at = text.indexOf('&');
  if (at < 0) return text;
  const parts: string[] = [];
  let copied = 0;
  let hasHalves = false;
  for (; at >= 0; at = text.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    const found = mayBegin(text.charCodeAt(at + 1)) ? REFERENCE.exec(text) : null;
    if (found === null) {
      report?.('bare', '&', at);
      continue;
    }
    const [reference, hex, decimal, ended, open] = found;
    const name = ended ?? open;
    const meant = name === undefined ? numbered(hex, decimal) : named(name, reference);
    parts.push(text.slice(copied, at), meant);
    copied = REFERENCE.lastIndex;
    const isHalf = SURROGATE.test(meant);
    hasHalves ||= isHalf;
    if (open !== undefined) report?.('bare', reference, at);
    else if (name !== undefined && !XML_NAMES.has(name)) report?.('undefined-name', reference, at);
    if (name === undefined && (meant === '' || isHalf)) report?.('control', reference, at);
  }
  if (parts.length === 0) return text;
  const decoded = parts.join('') + text.slice(copied);
  return hasHalves ? decoded.replace(LONE_SURROGATE, '') : decoded;
}

/** By number, by name, or by one of XML's names whose end was forgotten. */
const REFERENCE =
  /&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|([A-Za-z][A-Za-z0-9]{0,31});|(amp|lt|gt|quot)(?![A-Za-z0-9=]))/y;

/** Half of a character beyond U+FFFF: some write such a character as two references. */
const SURROGATE = /^[\ud800-\udfff]$/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Whether a sign behind `&` is `#` or a letter. */
function mayBegin(code: number): boolean {
  return code === 0x23 || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
}

function named(name: string, reference: string): string {
  return NAMED_ENTITIES.get(name) ?? NAMED_ENTITIES.get(name.toLowerCase()) ?? reference;
}

function numbered(hex: string | undefined, decimal: string | undefined): string {
  return characterOf(hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16));
}

function characterOf(code: number): string {
  if (code in CODES_OF_1252) return CODES_OF_1252[code]!;
  const isControl = code < 0x20 && code !== 9 && code !== 10 && code !== 13;
  if (isControl || code > 0x10ffff || (code >= 0x7f && code < 0xa0)) return '';
  return String.fromCodePoint(code);
}
