import { decodeAs } from './encodings.ts';
import { type Language, LANGUAGE_OF } from './languages.ts';

/** How likely is what no text has. */
const NOTHING = Math.log(1e-7);

/** What decoders make of bytes that no character has: those for private use, and the mark of a fault. */
const NO_CHARACTER = /[\ue000-\uf8ff\ufffd]/;

/** The natural logarithm of how likely a text has a character that is not ASCII, behind another. */
type Chance = (char: string, before: string) => number;

const chances = new Map<string, Chance>();

/** How likely the characters of a text in an encoding are. */
export function chanceOf(encoding: string): Chance {
  const known = chances.get(encoding) ?? computeChance(encoding, LANGUAGE_OF.get(encoding)!);
  chances.set(encoding, known);
  return known;
}

function computeChance(encoding: string, language: Language): Chance {
  const single = chancesOf(encoding, language);
  const alone = (char: string): number => single.get(char) ?? NOTHING;
  const { follows } = language;
  if (follows === undefined) return alone;
  const pairs = pairsOf(follows, alone);
  return (char, before) => {
    const small = char.toLowerCase();
    const behind = before.toLowerCase();
    const chance = pairs.get(`${behind in follows ? behind : ' '}${small}`) ?? alone(small);
    return isLetter(char) ? chance + caseChance(char, before) : chance;
  };
}

/** How much of a letter's chance is its own, whatever is before it: names and foreign words have pairs that others do not. */
const ALONE = 0.1;
/** How much less likely the last of what follows a letter is than the first, as a logarithm. */
const FALL = 3;

/** How likely each letter is behind each other one, of which only the order is known. */
function pairsOf(
  follows: Readonly<Record<string, string>>,
  alone: (char: string) => number,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [before, order] of Object.entries(follows)) {
    const shares = [...order].map((_, rank) => Math.exp((-FALL * rank) / order.length));
    const all = shares.reduce((sum, share) => sum + share, 0);
    for (const char of Object.keys(follows)) {
      const pair = (shares[order.indexOf(char)] ?? 0) / all;
      found.set(`${before}${char}`, Math.log((1 - ALONE) * pair + ALONE * Math.exp(alone(char))));
    }
  }
  return found;
}

/** How likely a letter is a capital: behind a small letter, behind a capital, and at the beginning of a word. */
const CAPITAL = { small: 0.001, capital: 0.7, none: 0.15 };

/** How likely a letter is as it is, a capital or not, whichever letter it is. */
function caseChance(char: string, before: string): number {
  const chance = CAPITAL[!isLetter(before) ? 'none' : isCapital(before) ? 'capital' : 'small'];
  return Math.log(isCapital(char) ? chance : 1 - chance);
}

function isLetter(char: string): boolean {
  return char.toLowerCase() !== char.toUpperCase();
}

function isCapital(char: string): boolean {
  return char !== char.toLowerCase();
}

function chancesOf(encoding: string, { parts, rows }: Language): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (characters: Iterable<string>, share: number): void => {
    const more = new Set(
      [...characters].filter((one) => one >= '\u0080' && !NO_CHARACTER.test(one) && !found.has(one)),
    );
    for (const one of more) found.set(one, Math.log(share / more.size));
  };
  for (const [characters, share] of parts) add(characters, share);
  for (const [from, to, share] of rows[encoding] ?? []) add(charactersOf(encoding, from, to), share);
  return found;
}

/** What characters there are in an encoding by its first bytes. */
function charactersOf(encoding: string, from: number, to: number): string {
  const bytes: number[] = [];
  for (let first = from; first <= to; first++) {
    // apart, by what begins no character
    bytes.push(first, 0x0a);
    for (let second = 0x40; second <= 0xfe; second++) bytes.push(first, second, 0x0a);
  }
  return decodeAs(Uint8Array.from(bytes), encoding);
}
