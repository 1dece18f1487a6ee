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
  let best: { readonly section: Section; readonly at: number; readonly count: number } | undefined;
  for (const section of sections) {
    const places = placesIn(section.text, words);
    for (const [i, [from]] of places.entries()) {
      const within = places.slice(i).filter(([, to]) => to <= from + LENGTH);
      const count = new Set(within.map(([, , word]) => word)).size;
      if (best === undefined || count > best.count) best = { section, at: from, count };
    }
    if (best?.count === words.length) break;
  }
  return best === undefined ? undefined : cut(best.section, best.at, words);
}

function cut({ heading, text }: Section, at: number, words: readonly string[]): Excerpt {
  const begin = at < LENGTH / 4 ? 0 : text.indexOf(' ', at - LENGTH / 4) + 1;
  const last = text.lastIndexOf(' ', begin + LENGTH);
  const end = begin + LENGTH >= text.length ? text.length : last > at ? last : begin + LENGTH;
  const piece = `${begin > 0 ? '… ' : ''}${text.slice(begin, end)}${end < text.length ? ' …' : ''}`;
  return { heading, text: piece, marks: placesIn(piece, words).map(([from, to]) => [from, to]) };
}

/** Where words stand, at the beginnings of words of the text. */
function placesIn(
  text: string,
  words: readonly string[],
): readonly (readonly [from: number, to: number, word: string])[] {
  const lower = text.toLowerCase();
  // where case changes the length, places would be others: such texts have none
  if (lower.length !== text.length) return [];
  const found: [number, number, string][] = [];
  for (const word of words)
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
      if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1]!)) found.push([at, at + word.length, word]);
  return found.sort(([a], [b]) => a - b).filter(([from], i, all) => i === 0 || from >= all[i - 1]![1]);
}
