import type { Kep } from '../model/kep.ts';
import { excerptOf, type Excerpt } from './excerpt.ts';
import { type Section, sectionsOf } from './plain-text.ts';
import { TextIndex, type TextIndexData } from './text-index.ts';

/** A KEP that was found. */
export interface Hit {
  readonly kep: Kep;
  /** The larger the better; comparable within one search. */
  readonly score: number;
  /** The words that stand in it, of those that were looked for. */
  readonly words: readonly string[];
  /** Where its text has the words; absent: they are in its title, its gates or its people alone, or its text is not there. */
  readonly excerpt?: Excerpt;
}

/** How much more a word counts in a field than in the text. */
const BOOST = { number: 20, title: 8, gates: 6, name: 4, headings: 2, people: 2, text: 1 } as const;

/** KEPs with their texts, to be searched for words. */
export class KepIndex {
  readonly #index: TextIndex;
  readonly #keps = new Map<string, Kep>();
  readonly #sections = new Map<string, readonly Section[]>();

  constructor(index = new TextIndex(BOOST)) {
    this.#index = index;
  }

  /**
   * An index of KEPs. It takes a millisecond or two a KEP, and lets others run in between.
   *
   * @param textOf the README.md of a KEP; empty where it has none
   * @param onProgress called after each KEP
   */
  static async of(
    keps: readonly Kep[],
    textOf: (kep: Kep) => string,
    onProgress: (done: number, all: number) => void = () => {},
  ): Promise<KepIndex> {
    const index = new KepIndex();
    for (const [i, kep] of keps.entries()) {
      index.add(kep, textOf(kep));
      onProgress(i + 1, keps.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return index;
  }

  /** The index that was kept of the same KEPs; it has no texts, so there are no excerpts. */
  static from(data: TextIndexData, keps: readonly Kep[]): KepIndex {
    const index = new KepIndex(TextIndex.from(BOOST, data));
    for (const kep of keps) index.#keps.set(kep.name, kep);
    return index;
  }

  /** What {@link KepIndex.from} makes an index of, without the texts. */
  toJSON(): TextIndexData {
    return this.#index.toJSON();
  }

  /** Adds a KEP with its README.md; one of that name must not be there yet. */
  add(kep: Kep, text: string): void {
    const sections = sectionsOf(text);
    this.#keps.set(kep.name, kep);
    this.#sections.set(kep.name, sections);
    this.#index.add(kep.name, fieldsOf(kep, sections));
  }

  /** Removes what was added of that name, if anything was. */
  remove(name: string): void {
    this.#index.remove(name);
    this.#keps.delete(name);
    this.#sections.delete(name);
  }

  /** Does at once what the next search would do first. */
  prepare(): void {
    this.#index.prepare();
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
    const found = this.#index.search(query, { isWanted: (id) => isWanted(this.#keps.get(id)!) });
    return found.map(({ id, score, words }, i) => {
      const excerpt = i < excerpts ? excerptOf(this.#sections.get(id) ?? [], words) : undefined;
      return { kep: this.#keps.get(id)!, score, words, ...(excerpt && { excerpt }) };
    });
  }
}

function fieldsOf(kep: Kep, sections: readonly Section[]): Readonly<Record<keyof typeof BOOST, string>> {
  return {
    number: String(kep.number ?? ''),
    title: kep.title,
    name: kep.name,
    gates: kep.featureGates.map(({ name }) => name).join(' '),
    people: [...kep.authors, ...kep.approvers].join(' '),
    headings: sections.map(({ heading }) => heading).join(' '),
    text: sections.map(({ text }) => text).join(' '),
  };
}

/** The piece of a README.md that has the most of the words; undefined: none has any. */
export function excerptIn(text: string, words: readonly string[]): Excerpt | undefined {
  return excerptOf(sectionsOf(text), words);
}
