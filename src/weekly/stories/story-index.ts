import { urlKey } from './canonical-url.ts';
import { SAME_TITLE, tellingParts, titleParts, type TitleParts, titleSimilarity } from './titles.ts';

/** A story as far as it is compared with others. */
export interface Known {
  /** Names it: a Story, or a story of a published issue. */
  readonly id: string;
  readonly title: string;
  /** Each address that leads to what it is about. */
  readonly urls: readonly string[];
}

/** A story that is told already. */
export interface Duplicate<T extends Known> {
  readonly of: T;
  readonly by: 'url' | 'title';
  /** Of 1, how much is the same. */
  readonly similarity: number;
}

/** Stories by what they are about. A search takes time by the number of those alike, not of all. */
export class StoryIndex<T extends Known = Known> {
  readonly #byUrl = new Map<string, T[]>();
  readonly #byPart = new Map<string, Map<T, TitleParts>>();
  readonly #stories = new Map<string, T>();

  /** Takes a story in; one of the same id is replaced. */
  add(story: T): void {
    this.remove(story.id);
    this.#stories.set(story.id, story);
    for (const key of keysOf(story)) {
      const same = this.#byUrl.get(key);
      if (same === undefined) this.#byUrl.set(key, [story]);
      else same.push(story);
    }
    const parts = titleParts(story.title);
    for (const part of tellingParts(parts)) {
      const same = this.#byPart.get(part) ?? new Map<T, TitleParts>();
      this.#byPart.set(part, same.set(story, parts));
    }
  }

  remove(id: string): void {
    const story = this.#stories.get(id);
    if (story === undefined) return;
    this.#stories.delete(id);
    for (const key of keysOf(story)) {
      const left = this.#byUrl.get(key)?.filter((other) => other !== story) ?? [];
      if (left.length > 0) this.#byUrl.set(key, left);
      else this.#byUrl.delete(key);
    }
    for (const part of tellingParts(titleParts(story.title))) {
      const same = this.#byPart.get(part);
      same?.delete(story);
      if (same?.size === 0) this.#byPart.delete(part);
    }
  }

  get size(): number {
    return this.#stories.size;
  }

  /** The stories that tell the same, those of its address first, then by how much of the title is the same; itself is none. */
  duplicatesOf(story: Known): readonly Duplicate<T>[] {
    const found = new Map<T, Duplicate<T>>();
    for (const key of keysOf(story))
      for (const of of this.#byUrl.get(key) ?? []) found.set(of, { of, by: 'url', similarity: 1 });
    const parts = titleParts(story.title);
    for (const part of tellingParts(parts))
      for (const [of, theirs] of this.#byPart.get(part) ?? []) {
        if (found.has(of)) continue;
        const similarity = titleSimilarity(parts, theirs);
        if (similarity >= SAME_TITLE) found.set(of, { of, by: 'title', similarity });
      }
    return [...found.values()]
      .filter(({ of }) => of.id !== story.id)
      .sort((a, b) => (a.by === b.by ? b.similarity - a.similarity : a.by === 'url' ? -1 : 1));
  }
}

function keysOf({ urls }: Known): ReadonlySet<string> {
  return new Set(urls.map(urlKey).filter((key) => key !== undefined));
}
