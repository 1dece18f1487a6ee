import { urlKey } from './canonical-url.ts';
import { SAME_TITLE, tellingKeys, titleParts, type TitleParts, titleSimilarity } from './titles.ts';

/** A story as far as it is compared with others. */
export interface ComparedStory {
  readonly title: string;
  /** Absent where nobody knows: then the title alone is compared. */
  readonly url?: string;
}

/** Why two stories are one. */
export interface Sameness {
  readonly by: 'URL' | 'Title';
  /** Of 1, how much is the same. */
  readonly similarity: number;
}

/** Whether two stories tell the same: they lead to the same page, or are called nearly the same. */
export function sameness(a: ComparedStory, b: ComparedStory): Sameness | undefined {
  const key = keyOf(a);
  if (key !== undefined && key === keyOf(b)) return { by: 'URL', similarity: 1 };
  const similarity = titleSimilarity(partsOf(a), partsOf(b));
  return similarity >= SAME_TITLE ? { by: 'Title', similarity } : undefined;
}

/**
 * What an index has of a story, so that only few need to be compared with it: two stories that are the same have at least one of these in
 * common.
 */
export function indexKeys(story: ComparedStory): readonly string[] {
  const key = keyOf(story);
  return [...(key === undefined ? [] : [`url:${key}`]), ...tellingKeys(partsOf(story)).map((part) => `title:${part}`)];
}

function keyOf(story: ComparedStory): string | undefined {
  return judged(story).key;
}

function partsOf(story: ComparedStory): TitleParts {
  return judged(story).parts;
}

interface JudgedStory {
  readonly key: string | undefined;
  readonly parts: TitleParts;
}

/** A story is compared with many; what cannot change is judged once. */
const known = new WeakMap<ComparedStory, JudgedStory>();

function judged(story: ComparedStory): JudgedStory {
  const before = known.get(story);
  if (before !== undefined) return before;
  const { title, url } = story;
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : '';
  const now = { key: url === undefined ? undefined : urlKey(url), parts: titleParts(title, host) };
  if (Object.isFrozen(story)) known.set(story, now);
  return now;
}
