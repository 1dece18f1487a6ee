import type { FeedState } from '../collect/feed-state.ts';
import type { PollOutcome } from '../collect/schedule.ts';
import type { ParsedFeed } from '../feeds/feed.ts';
import type { FeedObject } from '../resources/kinds.ts';
import type { SourceItem } from '../sources/proposals.ts';

/** Reads what a Feed is of, given what was kept of it. What a server does is an outcome; only the signal's reason is thrown. */
export type ReadSource = (feed: FeedObject, state: FeedState, signal: AbortSignal) => Promise<PollOutcome>;

/** What is no feed, as one. */
export function asFeed(title: string, items: readonly SourceItem[]): ParsedFeed {
  return {
    format: undefined,
    encoding: 'utf-8',
    title,
    hints: {},
    defects: [],
    items: items.map(({ id, title: called, url, published }) => ({
      id,
      title: called,
      link: url,
      ...(published !== undefined && { published }),
      authors: [],
      categories: [],
      enclosures: [],
    })),
  };
}
