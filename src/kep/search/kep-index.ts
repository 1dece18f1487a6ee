import MiniSearch from 'minisearch';
import type { Kep } from '../model/kep.ts';
import { excerptOf, type Excerpt } from './excerpt.ts';
import { type Section, sectionsOf } from './plain-text.ts';
import { wordsOf } from './words.ts';

/** A KEP that was found. */
export interface Hit {
  readonly kep: Kep;
  /** The larger the better; comparable within one search. */
  readonly score: number;
  /** Where its text has the words; absent: they are in its title, its gates or its people alone. */
  readonly excerpt?: Excerpt;
}

/** How much more a word counts in a field than in the text. */
const BOOST = { number: 20, title: 8, gates: 6, name: 4, headings: 2, people: 2, text: 1 } as const;

/** KEPs with their texts, to be searched for words. */
export class KepIndex {
  readonly #search: MiniSearch;
  readonly #keps = new Map<string, { readonly kep: Kep; readonly sections: readonly Section[] }>();

  constructor() {
    this.#search = new MiniSearch({ idField: 'name', fields: Object.keys(BOOST), tokenize: wordsOf });
  }

  /**
   * An index of KEPs. It takes some milliseconds a KEP, and lets others run in between.
   *
   * @param textOf the README.md of a KEP; empty where it has none
   */
  static async of(keps: readonly Kep[], textOf: (kep: Kep) => string): Promise<KepIndex> {
    const index = new KepIndex();
    for (const kep of keps) {
      index.add(kep, textOf(kep));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return index;
  }

  /** Adds a KEP with its README.md; one of that name must not be there yet. */
  add(kep: Kep, text: string): void {
    const sections = sectionsOf(text);
    this.#keps.set(kep.name, { kep, sections });
    this.#search.add({
      name: kep.name,
      number: String(kep.number ?? ''),
      title: kep.title,
      gates: kep.featureGates.map(({ name }) => name).join(' '),
      people: [...kep.authors, ...kep.approvers].join(' '),
      headings: sections.map(({ heading }) => heading).join(' '),
      text: sections.map(({ text: words }) => words).join(' '),
    });
  }

  /**
   * The KEPs that have all words of a query, the best first; words may be beginnings, and long ones may be misspelt by a letter.
   * Where none has all of them, those that have some.
   *
   * @param options `excerpts`: how many of the first hits have one (all); `isWanted`: which KEPs are looked at (all)
   */
  find(
    query: string,
    {
      excerpts = Infinity,
      isWanted = () => true,
    }: { readonly excerpts?: number; readonly isWanted?: (kep: Kep) => boolean } = {},
  ): readonly Hit[] {
    const options = {
      boost: BOOST,
      prefix: (term: string) => term.length > 2,
      fuzzy: (term: string) => (term.length > 5 && !/\d/.test(term) ? 1 : false),
      filter: ({ id }: { readonly id: string }) => isWanted(this.#keps.get(id)!.kep),
      tokenize: wordsOf,
    };
    const all = this.#search.search(query, { ...options, combineWith: 'AND' });
    const found = all.length > 0 ? all : this.#search.search(query, { ...options, combineWith: 'OR' });
    return found.map(({ id, score, terms }, i) => {
      const { kep, sections } = this.#keps.get(id as string)!;
      const excerpt = i < excerpts ? excerptOf(sections, terms) : undefined;
      return { kep, score, ...(excerpt && { excerpt }) };
    });
  }
}
