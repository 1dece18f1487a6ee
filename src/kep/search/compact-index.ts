import type { Kep } from '../model/kep.ts';
import { sectionsOf } from './plain-text.ts';
import { TextIndex, type TextIndexData } from './text-index.ts';
import { countWords } from './words.ts';

/** A KEP that was found in a compact index. */
export interface CompactHit {
  readonly name: string;
  /** The larger the better; comparable within one search. */
  readonly score: number;
}

const BOOST = { number: 20, title: 8, gates: 6, headings: 2, people: 2, words: 1 } as const;

/** So many words of a text are kept: those that tell it from others. */
const MOST_WORDS = 200;
/** What stands in more of the texts than this tells nothing. */
const MOST_COMMON = 0.25;

/**
 * An index for browsers, as JSON: titles, numbers, gates, people, headings, and of each text the words that tell it from others. For
 * 655 KEPs it has 3 MB, which are less than 1 MB compressed.
 */
export function compactIndex(keps: readonly Kep[], textOf: (kep: Kep) => string): string {
  const documents = keps.map((kep) => ({ kep, sections: sectionsOf(textOf(kep)) }));
  const counts = documents.map(({ sections }) => countsOf(sections.map(({ text }) => text).join(' ')));
  const inTexts = new Map<string, number>();
  for (const words of counts) for (const word of words.keys()) inTexts.set(word, (inTexts.get(word) ?? 0) + 1);
  const headings = new Map<string, number>();
  for (const { sections } of documents)
    for (const heading of new Set(sections.map((one) => one.heading)))
      headings.set(heading, (headings.get(heading) ?? 0) + 1);
  const most = Math.max(1, documents.length * MOST_COMMON);
  const index = new TextIndex(BOOST);
  for (const [i, { kep, sections }] of documents.entries())
    index.add(kep.name, {
      number: String(kep.number ?? ''),
      title: kep.title,
      gates: kep.featureGates.map(({ name }) => name).join(' '),
      people: [...kep.authors, ...kep.approvers].join(' '),
      headings: [...new Set(sections.map(({ heading }) => heading))]
        .filter((one) => headings.get(one)! <= most / 5)
        .join(' '),
      words: telling(counts[i]!, inTexts, documents.length, most).join(' '),
    });
  return JSON.stringify(index);
}

/** Finds KEPs in what {@link compactIndex} made: all words, which may be beginnings; where none has all of them, some. */
export function openCompactIndex(text: string): (query: string) => readonly CompactHit[] {
  const index = TextIndex.from(BOOST, JSON.parse(text) as TextIndexData);
  return (query) => index.search(query, { fuzzy: false }).map(({ id, score }) => ({ name: id, score }));
}

function countsOf(text: string): ReadonlyMap<string, number> {
  // not numbers alone, and not what no one types
  return new Map([...countWords(text)].filter(([word]) => word.length > 2 && word.length <= 40 && /\p{L}/u.test(word)));
}

/** Words by how much more often they are here than elsewhere. */
function telling(
  counts: ReadonlyMap<string, number>,
  inTexts: ReadonlyMap<string, number>,
  all: number,
  most: number,
): readonly string[] {
  return [...counts]
    .filter(([word]) => inTexts.get(word)! <= most)
    .map(([word, count]) => ({ word, weight: (1 + Math.log(count)) * Math.log(all / inTexts.get(word)!) }))
    .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
    .slice(0, MOST_WORDS)
    .map(({ word }) => word);
}
