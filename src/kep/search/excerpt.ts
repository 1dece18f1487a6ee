import type { Section } from './plain-text.ts';

/** A piece of a text, with the places of what was looked for. */
export interface Excerpt {
  /** The heading that it stands below. */
  readonly heading: string;
  readonly text: string;
  /** From and to, in `text`, in their order. */
  readonly marks: readonly (readonly [from: number, to: number])[];
}

/** About as much as fits in two lines of a terminal, in UTF-16 units. */
const LENGTH = 200;

/** The piece of a document that has the most of the words; undefined: none has any. */
export function excerptOf(sections: readonly Section[], words: readonly string[]): Excerpt | undefined {
  let best: Place | undefined;
  for (const section of sections) {
    const { at, count } = densestIn(placesIn(section.text, words));
    if (count > (best?.count ?? 0)) best = { section, at, count };
    if (best?.count === words.length) break;
  }
  return best === undefined ? undefined : cut(best.section, best.at, words);
}

interface Place {
  readonly section: Section;
  readonly at: number;
  /** How many of the words stand there, within the length of an excerpt. */
  readonly count: number;
}

/** The first of the places from which on most words stand within the length of an excerpt. */
function densestIn(places: readonly FoundWord[]): Pick<Place, 'at' | 'count'> {
  let best = { at: 0, count: 0 };
  const counts = new Map<string, number>();
  let end = 0;
  for (const [i, [from, , word]] of places.entries()) {
    for (; end < places.length && (end <= i || places[end]![1] <= from + LENGTH); end++)
      counts.set(places[end]![2], (counts.get(places[end]![2]) ?? 0) + 1);
    if (counts.size > best.count) best = { at: from, count: counts.size };
    const left = counts.get(word)! - 1;
    if (left > 0) counts.set(word, left);
    else counts.delete(word);
  }
  return best;
}

function cut({ heading, text }: Section, at: number, words: readonly string[]): Excerpt {
  const begin = at < LENGTH / 4 ? 0 : text.indexOf(' ', at - LENGTH / 4) + 1;
  const last = text.lastIndexOf(' ', begin + LENGTH);
  const end = begin + LENGTH >= text.length ? text.length : last > at ? last : begin + LENGTH;
  const piece = `${begin > 0 ? '… ' : ''}${text.slice(begin, end)}${end < text.length ? ' …' : ''}`;
  return { heading, text: piece, marks: placesIn(piece, words).map(([from, to]) => [from, to]) };
}

type FoundWord = readonly [from: number, to: number, word: string];

/** Where words stand, at the beginnings of words of the text. */
function placesIn(text: string, words: readonly string[]): readonly FoundWord[] {
  const lower = text.toLowerCase();
  // where case changes the length, places would be others: such texts have none
  if (lower.length !== text.length) return [];
  const found: [number, number, string][] = [];
  for (const word of words)
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
      if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1]!)) found.push([at, at + word.length, word]);
  return found.sort(([a], [b]) => a - b).filter(([from], i, all) => i === 0 || from >= all[i - 1]![1]);
}
