/** Titles of which so much is the same, of 1, are taken for one story's. */
export const SAME_TITLE = 0.8;
/** Shorter titles say too little ("Release notes"). */
const LEAST_PARTS = 4;

/** A title as the set of what it is made of, to compare it by. */
export interface TitleParts {
  /** Words, or pairs of letters where a script has no spaces, without those that say nothing. */
  readonly words: readonly string[];
  /** The same, each once, in an order that is the same for all titles: what is rare first. */
  readonly parts: readonly string[];
  /** Versions and numbers: titles that differ in them are of different things. */
  readonly numbers: string;
}

const NO_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+/gu;

/** Words that come and go between two forms of a title. */
const SAY_NOTHING = new Set(['a', 'an', 'the', 'and', 'or', 'of', 'in', 'on', 'for', 'with', 'is', 'are']);

/** What a title is made of. The name of its site behind it, after `|` or ` - `, is left out, as far as the host says that it is one. */
export function titleParts(title: string, host = ''): TitleParts {
  const text = withoutSite(title.normalize('NFKC'), host).toLowerCase();
  const numbers = [...text.matchAll(/\d+(?:[.-]\d+)*/g)].map(([number]) => number).sort();
  const spaced = text.replace(NO_SPACES, (run) => ` ${pairs(run).join(' ')} `);
  const words = (spaced.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !SAY_NOTHING.has(word));
  return { words, parts: [...new Set(words)].sort(rareFirst), numbers: numbers.join(' ') };
}

/**
 * How much of two titles is the same: 0 nothing, 1 all. 0 too where numbers differ, where one is too short to tell, and where each has a word
 * that the other has not, or has elsewhere: one may say more than the other, but who says something else (Part One, Part Two) is another one.
 */
export function titleSimilarity(a: TitleParts, b: TitleParts): number {
  if (a.numbers !== b.numbers || Math.min(a.parts.length, b.parts.length) < LEAST_PARTS) return 0;
  const [short, long] = a.words.length < b.words.length ? [a.words, b.words] : [b.words, a.words];
  if (!isWithin(short, long)) return 0;
  const others = new Set(b.parts);
  const shared = a.parts.filter((part) => others.has(part)).length;
  return shared / (a.parts.length + b.parts.length - shared);
}

/** Titles of more parts would have too many pairs. */
const PAIRED_PARTS = 18;

/**
 * Keys of which two titles that are the same have at least one in common, so that only few need to be compared: of sets whose shared part is at
 * least t of all, ordered alike, the first ⌊(1 − t)·n⌋ + k elements have k in common (prefix filtering: Chaudhuri and others, "A Primitive
 * Operator for Similarity Joins", 2006; for k above 1 Wang and others, "Can We Beat the Prefix Filtering?", 2012). Pairs, k = 2, tell more than
 * single parts: `kubernetes` stands in every third title. Long titles have single ones; those in between, which may be like both, have both.
 */
export function tellingKeys({ parts }: TitleParts): readonly string[] {
  const { length } = parts;
  const first = (k: number): readonly string[] => parts.slice(0, Math.floor((1 - SAME_TITLE) * length + 1e-9) + k);
  return [
    ...(length <= PAIRED_PARTS ? pairsOf(first(2)) : []),
    ...(length >= Math.floor(SAME_TITLE * (PAIRED_PARTS + 1)) ? first(1) : []),
  ];
}

function pairsOf(parts: readonly string[]): readonly string[] {
  return parts.flatMap((part, i) => parts.slice(i + 1).map((other) => `${part} ${other}`));
}

/** Whether words stand within others in their order. */
function isWithin(words: readonly string[], others: readonly string[]): boolean {
  let at = 0;
  for (const other of others) if (other === words[at]) at++;
  return at === words.length;
}

function withoutSite(title: string, host: string): string {
  const [, rest, site] = /^(.{12,}?)\s+(?:[|｜·]|[-–—])\s+([^|｜·–—]{1,40})$/u.exec(title) ?? [];
  if (rest === undefined || site === undefined) return title;
  const name = site.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  return host.replace(/[^a-z0-9]+/g, '').includes(name) ? rest : title;
}

function pairs(run: string): readonly string[] {
  const letters = [...run];
  return letters.length === 1 ? letters : letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
}

/** Long words are rarer than short ones; an order that depends on nothing but the words holds as titles are added. */
function rareFirst(a: string, b: string): number {
  return b.length - a.length || (a < b ? -1 : 1);
}
