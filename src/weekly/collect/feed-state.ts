import type { PollHints } from '../feeds/feed.ts';
import { type Condition, findCondition, setCondition } from 'nekube/controller';

/**
 * What is kept of a feed between two polls: a value that goes into the status of its resource. It has no items; those are told once,
 * when they are read.
 */
export interface FeedState {
  /** Where the feed is; another one than configured after a permanent redirect. */
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Of the body that was read last, so that servers that know no conditional requests cost no reading. */
  readonly bodyHash?: string;
  /** What the feed asked for when it was read last. */
  readonly hints?: PollHints;
  /** When it is to be polled next, as 2022-10-21T00:00:00.000Z; absent: as soon as may be. */
  readonly nextPoll?: string;
  readonly lastPoll?: string;
  /** When it was last read, or had not changed. */
  readonly lastSuccess?: string;
  /** How often in a row it failed. */
  readonly failures: number;
  /** `Ready`, `Malformed`, `Gone`, `Redirected`. */
  readonly conditions: readonly Condition[];
}

/** The state of a feed that was never polled. */
export function newFeedState(url: string): FeedState {
  return { url, failures: 0, conditions: [] };
}

/** Whether a feed said that it will not come back: it is not polled until its address is changed. */
export function isGone(state: FeedState): boolean {
  return findCondition(state.conditions, 'Gone')?.status === 'True';
}

/** A condition of a feed, by what is so and why. */
export interface FeedCondition {
  readonly type: 'Ready' | 'Malformed' | 'Gone' | 'Redirected';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** Conditions with some set, at a time in milliseconds. */
export function withConditions(
  conditions: readonly Condition[],
  changes: readonly FeedCondition[],
  now: number,
): readonly Condition[] {
  const lastTransitionTime = `${new Date(now).toISOString().slice(0, -'.000Z'.length)}Z`;
  return changes.reduce((list, change) => {
    const old = findCondition(list, change.type);
    return setCondition(list, old?.status === change.status ? change : { ...change, lastTransitionTime });
  }, conditions);
}
