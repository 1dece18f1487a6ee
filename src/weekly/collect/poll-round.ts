import { setMaxListeners } from 'node:events';
import type { FeedState } from './feed-state.ts';
import { type Lane, Lanes } from './lanes.ts';
import { pollFeed, type FetchDocument } from './poll-feed.ts';
import { afterPoll, isDue, type PollOutcome, type PollPolicy } from './schedule.ts';

/** A feed of a round. */
export interface RoundFeed {
  /** What it is called by whoever asks. */
  readonly key: string;
  /** Where it was configured to be. */
  readonly url: string;
  readonly state: FeedState;
  /** How often this one is polled; else as the round's policy says. */
  readonly policy?: PollPolicy;
}

/** What became of a feed in a round. */
export interface RoundResult {
  readonly feed: RoundFeed;
  readonly outcome: PollOutcome;
  readonly state: FeedState;
}

/** What a round needs, and its bounds. */
export interface RoundOptions {
  readonly fetch: FetchDocument;
  readonly now: () => number;
  /** As `Math.random`. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
  readonly policy?: PollPolicy;
  /** Feeds that are polled at once; 64. */
  readonly concurrency?: number;
  /** Feeds of one host that are polled at once; 2. */
  readonly perHost?: number;
  /** Hears of each feed as soon as it is polled; the round goes no further than its slowest listeners let it. */
  readonly onResult: (result: RoundResult) => void | Promise<void>;
}

/** What a round was. */
export interface RoundSummary {
  readonly due: number;
  readonly read: number;
  readonly unchanged: number;
  readonly gone: number;
  readonly failed: number;
}

/**
 * Polls the feeds that are due, and tells of each. Hosts are polled beside each other and a host's feeds mostly after each other; hosts
 * whose feeds failed before come last, so that what is slow or hostile takes nobody's turn. No more is held than is being polled.
 *
 * Rejects with the reason of the signal, when those that were being polled have ended; what was told before is done. An error of
 * `onResult` ends the round as well.
 */
export async function pollRound(feeds: Iterable<RoundFeed>, options: RoundOptions): Promise<RoundSummary> {
  const { concurrency = 64, perHost = 2 } = options;
  const due = [...feeds].filter(({ state }) => isDue(state, options.now()));
  const lanes = new Lanes(due, perHost);
  const counts = { due: due.length, read: 0, unchanged: 0, gone: 0, failed: 0 };
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const end = () => ending.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', end, { once: true });
  const work = async () => {
    let lane: Lane<RoundFeed> | undefined;
    try {
      for (;;) {
        ending.signal.throwIfAborted();
        lane = lanes.next(lane);
        const feed = lane?.feeds.pop();
        if (feed === undefined) return;
        const result = await pollOne(feed, options, ending.signal);
        counts[result.outcome.kind]++;
        await options.onResult(result);
      }
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  };
  try {
    const workers = await Promise.allSettled(Array.from({ length: Math.min(concurrency, due.length) }, work));
    if (workers.some(({ status }) => status === 'rejected')) throw ending.signal.reason;
    return counts;
  } finally {
    options.signal?.removeEventListener('abort', end);
  }
}

async function pollOne(feed: RoundFeed, options: RoundOptions, signal: AbortSignal): Promise<RoundResult> {
  const outcome = await pollFeed(feed.state, options.fetch, signal);
  const policy = feed.policy ?? options.policy;
  const state = afterPoll(feed.state, outcome, {
    now: options.now(),
    random: options.random(),
    configuredUrl: feed.url,
    ...(policy !== undefined && { policy }),
  });
  return { feed, outcome, state };
}
