import { partsOf, wordsOf, writtenWords } from './words.ts';

/** A document that was found. */
export interface Found {
  readonly id: string;
  /** The larger the better; comparable within one search. */
  readonly score: number;
  /** What of it stands there, in lower case: words that were looked for, which its own begin with, and those of its own that are a letter apart. */
  readonly words: readonly string[];
}

/** What of an index is kept: plain JSON. */
export interface TextIndexData {
  readonly ids: readonly string[];
  readonly words: readonly string[];
  /** Of each field how many words each document has, and of each word where it stands: a step to the next document, `-n` behind it for n times. */
  readonly fields: readonly { readonly lengths: readonly number[]; readonly places: readonly (readonly number[])[] }[];
}

interface Field {
  readonly boost: number;
  /** Different words, by document. */
  readonly lengths: number[];
  /** By word: a document, how often it stands there, the next document. */
  readonly places: number[][];
  total: number;
}

const NOWHERE: number[] = [];

/**
 * Texts of several fields, to be searched for words: BM25+ over the fields, words that only begin so or differ by a letter count less.
 * Own, since of the KEPs' 2 million words a library made an index in more than twice the time, and read one that was kept in four times.
 */
export class TextIndex {
  readonly #names: readonly string[];
  readonly #fields: readonly Field[];
  readonly #ids: string[] = [];
  /** By document, the words of each field; undefined for documents of an index that was made of kept data. */
  readonly #own: (readonly Uint32Array[] | undefined)[] = [];
  /** Numbers of documents that were removed, whose ids are empty: the next ones have them. */
  readonly #free: number[] = [];
  readonly #words: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** By what is written, which most texts write again: the words that it has, by their numbers. */
  readonly #written = new Map<string, readonly number[]>();
  /** In their order; those that are new are not among them yet. */
  #sorted: readonly string[] = [];

  /** @param boosts by field, how much more a word counts there */
  constructor(boosts: Readonly<Record<string, number>>) {
    this.#names = Object.keys(boosts);
    this.#fields = Object.values(boosts).map((boost) => ({ boost, lengths: [], places: [], total: 0 }));
  }

  /** Adds a document, whose id no other must have. */
  add(id: string, texts: Readonly<Record<string, string>>): void {
    const document = this.#free.pop() ?? this.#ids.length;
    this.#ids[document] = id;
    const all = this.#names.map((name) => this.#count(texts[name] ?? ''));
    this.#own[document] = all.map((counts) => Uint32Array.from(counts.keys()));
    for (const [i, field] of this.#fields.entries()) {
      const counts = all[i]!;
      field.lengths[document] = counts.size;
      field.total += counts.size;
      for (const [word, count] of counts) {
        const places = (field.places[word] ??= []);
        if (places.length === 0 || places.at(-2)! < document) places.push(document, count);
        else places.splice(placeOf(places, document), 0, document, count);
      }
    }
  }

  /** Removes a document, if there is one of that id. */
  remove(id: string): void {
    const document = this.#ids.indexOf(id);
    if (id === '' || document < 0) return;
    for (const [i, field] of this.#fields.entries()) {
      for (const word of this.#own[document]?.[i] ?? field.places.keys()) {
        const places = field.places[word] ?? NOWHERE;
        const place = placeOf(places, document);
        if (places[place] === document) places.splice(place, 2);
      }
      field.total -= field.lengths[document]!;
      field.lengths[document] = 0;
    }
    this.#ids[document] = '';
    this.#own[document] = undefined;
    this.#free.push(document);
  }

  /**
   * The documents that have all words of a query, the best first; where none has all of them, those that have some.
   *
   * @param options `isWanted`: which are looked at (all); `fuzzy`: long words may be misspelt by a letter (yes)
   */
  search(
    query: string,
    {
      isWanted = () => true,
      fuzzy = true,
    }: { readonly isWanted?: (id: string) => boolean; readonly fuzzy?: boolean } = {},
  ): readonly Found[] {
    const asked = [...new Set(wordsOf(query).map((word) => word.toLowerCase()))];
    const found = asked.map((word) => this.#find(word, fuzzy));
    const [first = new Map<number, Match>(), ...others] = found;
    const wanted = (document: number): boolean => isWanted(this.#ids[document]!);
    const all = [...first.keys()].filter((one) => others.every((own) => own.has(one)) && wanted(one));
    const some = all.length > 0 ? all : [...new Set(found.flatMap((own) => [...own.keys()]))].filter(wanted);
    return some
      .map((document) => this.#merged(document, found))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  }

  /** Does at once what the next search would do first: puts its words in their order. */
  prepare(): void {
    this.#sortedWords();
  }

  /** What {@link TextIndex.from} makes the same of. */
  toJSON(): TextIndexData {
    const words = this.#sortedWords();
    const fields = this.#fields.map(({ lengths, places }) => ({
      lengths,
      places: words.map((word) => packed(places[this.#numbers.get(word)!] ?? NOWHERE)),
    }));
    return { ids: this.#ids, words, fields };
  }

  /** The index that was kept; its fields must be the same. */
  static from(boosts: Readonly<Record<string, number>>, { ids, words, fields }: TextIndexData): TextIndex {
    const index = new TextIndex(boosts);
    index.#ids.push(...ids);
    index.#free.push(...ids.flatMap((id, document) => (id === '' ? [document] : [])));
    for (const word of words) index.#number(word);
    for (const [i, field] of index.#fields.entries()) {
      const { lengths, places } = fields[i]!;
      field.lengths.push(...lengths);
      field.total = lengths.reduce((sum, length) => sum + length, 0);
      field.places.push(...places.map(unpacked));
    }
    return index;
  }

  /** What is written is counted first: a text has few words, and the index so many that looking one up is what takes the time. */
  #count(text: string): ReadonlyMap<number, number> {
    const times = new Map<string, number>();
    for (const written of writtenWords(text)) times.set(written, (times.get(written) ?? 0) + 1);
    const counts = new Map<number, number>();
    for (const [written, count] of times)
      for (const word of this.#numbersOf(written)) counts.set(word, (counts.get(word) ?? 0) + count);
    return counts;
  }

  #numbersOf(written: string): readonly number[] {
    const known = this.#written.get(written);
    if (known !== undefined) return known;
    const numbers = partsOf(written).map((word) => this.#number(word.toLowerCase()));
    this.#written.set(written, numbers);
    return numbers;
  }

  #number(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    this.#numbers.set(word, this.#words.length);
    return this.#words.push(word) - 1;
  }

  #sortedWords(): readonly string[] {
    const added = this.#words.slice(this.#sorted.length);
    if (added.length > 0) this.#sorted = merged(this.#sorted, added.sort());
    return this.#sorted;
  }

  #merged(document: number, found: readonly ReadonlyMap<number, Match>[]): Found {
    const matches = found.flatMap((own) => own.get(document) ?? []);
    const score = matches.reduce((sum, match) => sum + match.score, 0) * matches.length;
    return { id: this.#ids[document]!, score, words: [...new Set(matches.flatMap(({ words }) => words))] };
  }

  /** The documents that have a word, or one that is near it. */
  #find(asked: string, fuzzy: boolean): ReadonlyMap<number, Match> {
    const found = new Map<number, Match>();
    for (const [word, weight] of this.#near(asked, fuzzy)) {
      const shown = word.startsWith(asked) ? asked : word;
      for (const field of this.#fields) this.#score(word, { weight, shown }, field, found);
    }
    return found;
  }

  #score(
    word: string,
    { weight, shown }: { readonly weight: number; readonly shown: string },
    field: Field,
    found: Map<number, Match>,
  ): void {
    const places = field.places[this.#numbers.get(word)!] ?? NOWHERE;
    if (places.length === 0) return;
    const count = places.length / 2;
    const all = this.#ids.length - this.#free.length;
    const rarity = Math.log(1 + (all - count + 0.5) / (count + 0.5));
    for (let i = 0; i < places.length; i += 2) {
      const document = places[i]!;
      const times = places[i + 1]!;
      const length = field.lengths[document]! / (field.total / all);
      const score = weight * field.boost * rarity * (0.5 + (times * 2.2) / (times + 1.2 * (0.3 + 0.7 * length)));
      const match = found.get(document);
      if (match === undefined) found.set(document, { score, words: [shown] });
      else {
        match.score += score;
        if (match.words.at(-1) !== shown) match.words.push(shown);
      }
    }
  }

  /** The words of the index that are meant by one, and how much each counts. */
  #near(asked: string, fuzzy: boolean): ReadonlyMap<string, number> {
    const near = new Map<string, number>();
    if (this.#numbers.has(asked)) near.set(asked, 1);
    if (asked.length > 2)
      for (const word of this.#beginningWith(asked))
        if (word !== asked) near.set(word, (0.375 * word.length) / (word.length + 0.3 * (word.length - asked.length)));
    if (fuzzy && asked.length > 5 && !/\d/.test(asked))
      for (const word of this.#sortedWords())
        if (isOneApart(word, asked) && !near.has(word)) near.set(word, (0.45 * word.length) / (word.length + 1));
    return near;
  }

  #beginningWith(beginning: string): readonly string[] {
    const words = this.#sortedWords();
    let from = 0;
    for (let to = words.length; from < to; ) {
      const middle = (from + to) >> 1;
      if (words[middle]! < beginning) from = middle + 1;
      else to = middle;
    }
    let end = from;
    while (end < words.length && words[end]!.startsWith(beginning)) end++;
    return words.slice(from, end);
  }
}

interface Match {
  score: number;
  readonly words: string[];
}

/** Documents as steps from one to the next, times only where there are several. */
function packed(places: readonly number[]): readonly number[] {
  const steps: number[] = [];
  let last = -1;
  for (let i = 0; i < places.length; i += 2) {
    steps.push(places[i]! - last);
    if (places[i + 1]! > 1) steps.push(-places[i + 1]!);
    last = places[i]!;
  }
  return steps;
}

function unpacked(steps: readonly number[]): number[] {
  const places: number[] = [];
  let document = -1;
  for (const step of steps)
    if (step < 0) places[places.length - 1] = -step;
    else places.push((document += step), 1);
  return places;
}

/** Where a document stands among places, or would. */
function placeOf(places: readonly number[], document: number): number {
  let from = 0;
  for (let to = places.length / 2; from < to; ) {
    const middle = (from + to) >> 1;
    if (places[middle * 2]! < document) from = middle + 1;
    else to = middle;
  }
  return from * 2;
}

/** Two lists in their order as one: a few new words among 100,000 are not worth sorting all of them. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  const all: string[] = [];
  let i = 0;
  for (const one of b) {
    while (i < a.length && a[i]! < one) all.push(a[i++]!);
    all.push(one);
  }
  while (i < a.length) all.push(a[i++]!);
  return all;
}

/** True for words that differ by one letter: another one, one more, or one less. Without pieces of them: it is asked of 100,000 words. */
function isOneApart(a: string, b: string): boolean {
  const longer = Math.max(a.length, b.length);
  const shorter = Math.min(a.length, b.length);
  if (longer - shorter > 1) return false;
  let before = 0;
  while (before < shorter && a.charCodeAt(before) === b.charCodeAt(before)) before++;
  let behind = 0;
  while (before + behind < shorter && a.charCodeAt(a.length - 1 - behind) === b.charCodeAt(b.length - 1 - behind))
    behind++;
  return before + behind >= longer - 1;
}
