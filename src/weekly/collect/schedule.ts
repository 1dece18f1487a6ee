import type { Defect } from '../feeds/defect.ts';
import type { ParsedFeed, PollHints } from '../feeds/feed.ts';
import type { FetchFailure } from './fetch-failure.ts';
import { type FeedCondition, type FeedState, isGone, withConditions } from './feed-state.ts';
import { webUrl } from './web-url.ts';
import { addressWithoutSecrets } from './without-secrets.ts';

/** How often feeds are polled; in seconds. */
export interface PollPolicy {
  /** How often a feed is polled that says nothing about it: an hour. */
  readonly intervalSeconds: number;
  /** No feed is polled more often, whatever it asks for: 10 minutes. */
  readonly minIntervalSeconds: number;
  /** Nor less often because it says so, or because it fails: a day. */
  readonly maxIntervalSeconds: number;
  /** A server that asks to be left alone is, for as long as this: a week. */
  readonly maxRetryAfterSeconds: number;
  /** By what part of the interval a poll is later, at random, so that not all are at once: a tenth. */
  readonly jitter: number;
}

/** What is used where nothing else is asked for. */
export const DEFAULT_POLL_POLICY: PollPolicy = {
  intervalSeconds: 3600,
  minIntervalSeconds: 600,
  maxIntervalSeconds: 86_400,
  maxRetryAfterSeconds: 604_800,
  jitter: 0.1,
};

/** What was learned where a feed is. */
interface Answered {
  readonly permanentUrl: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly freshSeconds?: number;
}

/** What became of a poll: the feed was read, has not changed, is gone for good, or failed. */
export type PollOutcome =
  | (Answered & { readonly kind: 'read'; readonly feed: ParsedFeed; readonly bodyHash: string })
  | (Answered & { readonly kind: 'unchanged' })
  | { readonly kind: 'gone'; readonly url: string }
  | {
      readonly kind: 'failed';
      readonly reason: FetchFailure | 'NotAFeed';
      readonly message: string;
      readonly retryAfterSeconds?: number;
    };

/** Whether a feed is to be polled at a time in milliseconds. */
export function isDue(state: FeedState, now: number): boolean {
  return !isGone(state) && (state.nextPoll === undefined || Date.parse(state.nextPoll) <= now);
}

/** What a poll is decided with: the time in milliseconds, a number below 1, the policy, and where the feed was configured to be. */
export interface PollContext {
  readonly now: number;
  readonly random: number;
  readonly policy?: PollPolicy;
  readonly configuredUrl: string;
}

/**
 * The state of a feed after a poll. A feed that is gone is never due again. One that fails is polled after an interval that doubles
 * each time; one that asks for a time is left alone for it, within the bounds of the policy.
 */
export function afterPoll(state: FeedState, outcome: PollOutcome, context: PollContext): FeedState {
  const { now, policy = DEFAULT_POLL_POLICY } = context;
  const lastPoll = new Date(now).toISOString();
  const conditions = withConditions(state.conditions, conditionsOf(state, outcome, context), now);
  if (outcome.kind === 'gone') {
    const { nextPoll: _, ...rest } = state;
    return { ...rest, lastPoll, failures: state.failures + 1, conditions };
  }
  if (outcome.kind === 'failed') {
    const failures = state.failures + 1;
    const seconds = Math.max(
      backoff(failures, policy),
      Math.min(outcome.retryAfterSeconds ?? 0, policy.maxRetryAfterSeconds),
    );
    return { ...state, lastPoll, failures, conditions, nextPoll: later(seconds, context) };
  }
  const read = outcome.kind === 'read' ? readOf(outcome) : { ...readOf(state), ...validatorsOf(outcome) };
  const hints = read.hints ?? {};
  return {
    url: outcome.permanentUrl,
    ...read,
    nextPoll: allowedTime(later(interval(hints, outcome.freshSeconds, policy), context), hints),
    lastPoll,
    lastSuccess: lastPoll,
    failures: 0,
    conditions,
  };
}

/** What is kept of a feed as it was read last. */
function readOf(
  of: (PollOutcome & { kind: 'read' }) | FeedState,
): Pick<FeedState, 'etag' | 'lastModified' | 'bodyHash' | 'hints'> {
  const hints = 'feed' in of ? of.feed.hints : of.hints;
  return {
    ...validatorsOf(of),
    ...(of.bodyHash !== undefined && { bodyHash: of.bodyHash }),
    ...(hints !== undefined && Object.keys(hints).length > 0 && { hints }),
  };
}

function validatorsOf({ etag, lastModified }: { etag?: string; lastModified?: string }) {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

function interval(hints: PollHints, fresh: number | undefined, policy: PollPolicy): number {
  return withinPolicy(Math.max(policy.intervalSeconds, hints.intervalSeconds ?? 0, fresh ?? 0), policy);
}

function backoff(failures: number, policy: PollPolicy): number {
  return withinPolicy(policy.intervalSeconds * 2 ** Math.min(failures - 1, 20), policy);
}

/** A feed that is polled less often than `maxIntervalSeconds` because its editors want it so stays at that. */
function withinPolicy(seconds: number, policy: PollPolicy): number {
  const { intervalSeconds, minIntervalSeconds, maxIntervalSeconds } = policy;
  return Math.min(Math.max(seconds, minIntervalSeconds), Math.max(maxIntervalSeconds, intervalSeconds));
}

function later(seconds: number, { now, random, policy = DEFAULT_POLL_POLICY }: PollContext): string {
  return new Date(now + Math.round(seconds * (1 + policy.jitter * random) * 1000)).toISOString();
}

const HOUR_MS = 3_600_000;

/** The first time from one on that is in no hour and on no day that a feed asks to skip; if it skips all, that is no wish. */
function allowedTime(time: string, { skipHours = [], skipDays = [] }: PollHints): string {
  const start = Date.parse(time);
  for (let hours = 0; hours <= 7 * 24; hours++) {
    const at = hours === 0 ? start : Math.floor(start / HOUR_MS) * HOUR_MS + hours * HOUR_MS + (start % HOUR_MS);
    const date = new Date(at);
    if (!skipHours.includes(date.getUTCHours()) && !skipDays.includes(date.getUTCDay())) return date.toISOString();
  }
  return time;
}

/** What a site writes may be in a message, and a site may write megabytes. */
const MESSAGE_LIMIT = 1000;

function conditionsOf(state: FeedState, outcome: PollOutcome, { configuredUrl }: PollContext): FeedCondition[] {
  if (outcome.kind === 'gone') {
    const message = `${addressWithoutSecrets(outcome.url)} answered 410: it will not come back`;
    return [
      { type: 'Ready', status: 'False', reason: 'Gone', message },
      { type: 'Gone', status: 'True', reason: 'Gone', message },
    ];
  }
  if (outcome.kind === 'failed')
    return [
      { type: 'Ready', status: 'False', reason: outcome.reason, message: outcome.message.slice(0, MESSAGE_LIMIT) },
    ];
  const isRead = outcome.kind === 'read';
  const isMoved = outcome.permanentUrl !== (webUrl(configuredUrl)?.href ?? configuredUrl);
  return [
    { type: 'Ready', status: 'True', reason: isRead ? 'Read' : 'NotModified', message: '' },
    ...(isRead ? [malformed(outcome.feed.defects)] : []),
    isMoved
      ? {
          type: 'Redirected',
          status: 'True',
          reason: 'Moved',
          message: `it is at ${addressWithoutSecrets(outcome.permanentUrl)} now`,
        }
      : { type: 'Redirected', status: 'False', reason: 'AsConfigured', message: '' },
    ...(isGone(state) ? [{ type: 'Gone', status: 'False', reason: 'Answered', message: '' } as const] : []),
  ];
}

/** The defects as a condition: the first one's code is the reason. */
function malformed(defects: readonly Defect[]): FeedCondition {
  const [first] = defects;
  if (first === undefined) return { type: 'Malformed', status: 'False', reason: 'WellFormed', message: '' };
  const message = defects
    .map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`))
    .join('; ');
  return { type: 'Malformed', status: 'True', reason: first.code, message: message.slice(0, MESSAGE_LIMIT) };
}
