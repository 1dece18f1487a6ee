import type { FeedObject, FeedStatus } from '../resources/kinds.ts';
import type { SourceItem } from '../sources/proposals.ts';

/** What reading a source gave. */
export interface SourceRound {
  /** What it has now; absent: it did not change, or was not read. */
  readonly items?: readonly SourceItem[];
  /** What to remember of it for the next time; what is absent is forgotten. */
  readonly remembered: Pick<FeedStatus, 'title' | 'url' | 'etag' | 'lastModified'>;
  /** Absent: it was read. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** What is wrong with what it sent, though it was read. */
  readonly defects?: readonly string[];
  /** It is gone for good, and not asked again until its spec changes. */
  readonly isGone?: boolean;
  /** When it may be asked again; absent: by its interval. */
  readonly nextPoll?: Date;
}

/** Reads what a Feed is of. It never rejects for what a server does: that is the round's failure. */
export type ReadSource = (feed: FeedObject, signal: AbortSignal) => Promise<SourceRound>;
