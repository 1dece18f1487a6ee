import type { Defect } from './defect.ts';

/** What a feed was written as. RSS below 1.0 that does not say its version is `rss`. */
export type FeedFormat =
  | `rss-${'0.90' | '0.91' | '0.92' | '0.93' | '0.94' | '1.0' | '1.1' | '2.0'}`
  | 'rss'
  | `atom-${'0.3' | '1.0'}`
  | `json-${'1.0' | '1.1'}`;

/** A text of a feed that may be markup. It is as it came: whoever shows it sanitizes it. */
export interface FeedText {
  readonly type: 'text' | 'html';
  readonly value: string;
  /** The URL that links within are relative to. */
  readonly base?: string;
}

/** Who wrote something; one of the fields at least is there. */
export interface FeedPerson {
  readonly name?: string;
  readonly email?: string;
  readonly url?: string;
}

/** A file that belongs to an item. */
export interface FeedEnclosure {
  readonly url: string;
  readonly type?: string;
  readonly lengthBytes?: number;
}

/** An entry of a feed. Times are as 2022-10-21T00:00:00.000Z, URLs absolute, of http and https alone. */
export interface FeedItem {
  /** What the feed calls it; else its link, else a hash of its title and text. The same item has the same id in every round. */
  readonly id: string;
  /** Plain text in one line; empty if there is none. */
  readonly title: string;
  readonly link?: string;
  readonly summary?: FeedText;
  readonly content?: FeedText;
  readonly published?: string;
  readonly updated?: string;
  readonly authors: readonly FeedPerson[];
  readonly categories: readonly string[];
  readonly enclosures: readonly FeedEnclosure[];
  readonly commentsLink?: string;
}

/** A feed as it was read, with everything that was wrong with it. */
export interface ParsedFeed {
  /** Undefined if it is no feed; then there are no items, and a defect `NotAFeed` says what it seems to be. */
  readonly format: FeedFormat | undefined;
  /** Plain text in one line; empty if there is none. */
  readonly title: string;
  /** The site that the feed is of. */
  readonly link?: string;
  readonly description?: string;
  /** As RFC 5646 has it, in the letters of the feed. */
  readonly language?: string;
  readonly updated?: string;
  /** How the feed was read: by the Encoding Standard's name. */
  readonly encoding: string;
  /** How long the feed asks to be left alone, in its own words. */
  readonly hints: PollHints;
  readonly items: readonly FeedItem[];
  readonly defects: readonly Defect[];
}

/** What of a feed its format can tell. */
export type FeedBody = Omit<ParsedFeed, 'encoding' | 'defects'>;

/** What a feed says about when to read it: `ttl`, `skipHours` and `skipDays` of RSS, and its syndication module. */
export interface PollHints {
  readonly intervalSeconds?: number;
  /** Hours of the day, UTC, 0 to 23. */
  readonly skipHours?: readonly number[];
  /** 0 is Sunday, UTC. */
  readonly skipDays?: readonly number[];
}
