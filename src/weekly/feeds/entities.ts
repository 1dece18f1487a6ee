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
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?|([A-Za-z][A-Za-z0-9]{0,31});)?/g,
    (found: string, hex?: string, decimal?: string, name?: string, at?: number) => {
      if (name !== undefined) {
        if (!XML_NAMES.has(name)) report?.('undefined-name', found, at!);
        return NAMED_ENTITIES.get(name) ?? NAMED_ENTITIES.get(name.toLowerCase()) ?? found;
      }
      const digits = hex ?? decimal;
      if (digits === undefined) {
        report?.('bare', found, at!);
        return found;
      }
      const char = characterOf(Number.parseInt(digits, hex === undefined ? 10 : 16));
      if (char === '') report?.('control', found, at!);
      return char;
    },
  );
}

function characterOf(code: number): string {
  if (code in CODES_OF_1252) return CODES_OF_1252[code]!;
  const isControl = code < 0x20 && code !== 9 && code !== 10 && code !== 13;
  if (isControl || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code >= 0x7f && code < 0xa0)) return '';
  return String.fromCodePoint(code);
}
