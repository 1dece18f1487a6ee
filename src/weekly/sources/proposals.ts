import { createHash } from 'node:crypto';
import type { FeedSpec } from '../resources/kinds.ts';
import { canonicalUrl, urlKey } from '../stories/canonical-url.ts';
import { storyTitle } from './story-title.ts';

/** Something of a source that may become a story. */
export interface SourceItem {
  /** Tells it from others of its source, in every round. */
  readonly id: string;
  readonly title: string;
  readonly url: string;
  /** RFC 3339. */
  readonly published?: string;
}

/** A story that a source proposes. */
export interface Proposal {
  /** Of the object: the same for each address of the page, so that a page is proposed once, whoever does it. */
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly publishedTime?: string;
}

/** What a round of a source brings. */
export interface Proposals {
  readonly proposals: readonly Proposal[];
  /** The items that the source has now, to be handed in the next time. */
  readonly seen: readonly string[];
}

/** So many items of a source are looked at, the newest, and remembered. */
const SEEN_LIMIT = 1000;
/** Before that there was no web: programs that know no date write the first one that they have, of the year 1 or 1970. */
const FIRST_DATE = '1990';
/** A longer address is none that could be kept. */
const URL_LIMIT = 4096;

/**
 * The stories of items that were not seen before and are wanted. A source that is looked at for the first time (`seen` is undefined) proposes
 * what was published since `since`, and not its whole past.
 */
export function proposalsOf(
  items: readonly SourceItem[],
  spec: Pick<FeedSpec, 'include' | 'exclude'>,
  { seen, since }: { readonly seen: readonly string[] | undefined; readonly since: Date },
): Proposals {
  const known = new Set(seen);
  const newest = newestOf(items);
  const idOf = idsOf(newest);
  const isNew = (item: SourceItem): boolean =>
    seen === undefined ? item.published !== undefined && new Date(item.published) >= since : !known.has(idOf(item));
  const proposals = newest.filter((item) => isNew(item) && isWanted(item.title, spec)).flatMap(proposalOf);
  return { proposals, seen: newest.map(idOf) };
}

/** Feeds have the newest first, most of them; where there are too many, the dates say which those are. */
function newestOf(items: readonly SourceItem[]): readonly SourceItem[] {
  if (items.length <= SEEN_LIMIT) return items;
  const time = ({ published }: SourceItem): number => (published === undefined ? 0 : Date.parse(published));
  return items.toSorted((a, b) => time(b) - time(a)).slice(0, SEEN_LIMIT);
}

/** The name of the Story about a page: its host, and a hash of what all its addresses have in common. */
export function storyName(url: string): string {
  const host = new URL(url).hostname
    .replace(/^www\./, '')
    .replace(/[^a-z0-9]+/gi, '-')
    .toLowerCase()
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const hash = createHash('sha256')
    .update(urlKey(url) ?? url)
    .digest('hex')
    .slice(0, 10);
  return `${host || 'page'}-${hash}`;
}

function proposalOf({ title, url, published }: SourceItem): readonly Proposal[] {
  const canonical = canonicalUrl(url);
  if (canonical === undefined || canonical.length > URL_LIMIT) return [];
  return [
    {
      name: storyName(canonical),
      title: storyTitle(title) || canonical.slice(0, 500),
      url: canonical,
      ...(published !== undefined && published >= FIRST_DATE && { publishedTime: published }),
    },
  ];
}

function isWanted(title: string, { include, exclude }: Pick<FeedSpec, 'include' | 'exclude'>): boolean {
  const text = plain(title);
  const has = (word: string): boolean => text.includes(plain(word));
  return (include === undefined || include.length === 0 || include.some(has)) && !exclude?.some(has);
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** What tells items apart: their ids, and their pages too where one id is that of several, as of feeds that give all the same. */
function idsOf(items: readonly SourceItem[]): (item: SourceItem) => string {
  const pageOf = ({ url }: SourceItem): string => urlKey(url) ?? url;
  const pages = new Map<string, Set<string>>();
  for (const item of items) pages.set(item.id, (pages.get(item.id) ?? new Set()).add(pageOf(item)));
  return (item) => hashOf(pages.get(item.id)!.size > 1 ? `${item.id} ${pageOf(item)}` : item.id);
}

/** Short, since a feed's status has one for each of its items. */
function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 12);
}
