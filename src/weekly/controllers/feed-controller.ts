import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Clock } from 'nekube/client';
import {
  type Condition,
  type Manager,
  type NewCondition,
  type ObjectContext,
  type ReconcileResult,
  setCondition,
} from 'nekube/controller';
import { FEED, type FeedObject, type FeedStatus, type StoryObject, WEEKLY_API } from '../resources/kinds.ts';
import { type Proposal, proposalsOf } from '../sources/proposals.ts';
import type { ReadSource, SourceRound } from './source.ts';

/** How feeds are polled. */
export interface FeedControllerOptions {
  readonly read: ReadSource;
  readonly clock: Clock;
  /** So many are read at once; default 16. */
  readonly atOnce?: number;
  /** Of a feed that is new, what was published since so long; default 8 days: a weekly's. */
  readonly firstMs?: number;
}

const DAY_MS = 86_400_000;
const DEFAULT_INTERVAL_SECONDS = 3600;
/** A feed that fails is asked after twice the time each, and daily in the end. */
const LONGEST_MS = DAY_MS;

/**
 * Polls Feeds when they are due and proposes a Story for each page that they have new. What a feed brought is written before it is remembered,
 * and a page has one name: ended at any point, the next round proposes the rest, and nothing twice.
 */
export function addFeedController(manager: Manager, options: FeedControllerOptions): void {
  manager
    .controller('weekly-feed', { maxConcurrentReconciles: options.atOnce ?? 16 })
    .for(FEED)
    .reconcile((_, context) => reconcile(context, options));
}

async function reconcile(
  context: ObjectContext<FeedObject>,
  { read, clock, firstMs = 8 * DAY_MS }: FeedControllerOptions,
): Promise<ReconcileResult | undefined> {
  const feed = context.object;
  if (feed === undefined || feed.metadata.deletionTimestamp !== undefined) return undefined;
  if (feed.spec.suspend) return suspend(context, feed, clock);
  const waitMs = waitOf(feed, clock.now());
  if (waitMs === undefined) return undefined;
  if (waitMs > 0) return { requeueAfterMs: waitMs };

  const known = knownOf(feed);
  const round = await read({ ...feed, status: known }, context.signal);
  const since = new Date(clock.now() - firstMs);
  const news = round.items && proposalsOf(round.items, feed.spec, { seen: known.seen, since });
  let proposed = 0;
  for (const proposal of news?.proposals ?? []) if (await propose(context, feed, proposal)) proposed++;
  if (proposed > 0) context.record({ reason: 'Proposed', note: `${proposed} ${proposed === 1 ? 'story' : 'stories'}` });

  const status = nextStatus(feed, round, { clock, proposed, seen: news?.seen ?? known.seen });
  await context.applyStatus(status);
  const nextMs = waitOf({ ...feed, status }, clock.now());
  return nextMs === undefined ? undefined : { requeueAfterMs: Math.max(nextMs, 1000) };
}

/** What is remembered of a feed: nothing once its spec changed, since another address has other items. */
function knownOf({ metadata, status }: FeedObject): FeedStatus {
  return status !== undefined && status.observedGeneration === metadata.generation ? status : {};
}

/** Milliseconds until a feed is due; undefined: it is not polled any more. */
function waitOf(feed: FeedObject, now: number): number | undefined {
  const { lastPollTime, nextPollTime } = knownOf(feed);
  if (lastPollTime === undefined) return 0;
  return nextPollTime === undefined ? undefined : Math.max(0, Date.parse(nextPollTime) - now);
}

/** Proposes a story. True if it was not there. */
async function propose(
  { client, signal }: ObjectContext<FeedObject>,
  feed: FeedObject,
  proposal: Proposal,
): Promise<boolean> {
  const { name, title, url, publishedTime } = proposal;
  const { section } = feed.spec;
  const story: StoryObject = {
    apiVersion: WEEKLY_API,
    kind: 'Story',
    metadata: { name, namespace: feed.metadata.namespace! },
    spec: {
      title,
      url,
      feedRef: { name: feed.metadata.name! },
      ...(publishedTime !== undefined && { publishedTime }),
      ...(section !== undefined && { section }),
    },
  };
  try {
    await client.create<StoryObject>(story, { signal });
    return true;
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return false;
    throw error;
  }
}

async function suspend(context: ObjectContext<FeedObject>, feed: FeedObject, clock: Clock): Promise<undefined> {
  const message = 'It is not polled while suspend is true';
  const conditions = conditionsOf(feed, clock, { type: 'Ready', status: 'False', reason: 'Suspended', message });
  // it is polled at once when it is resumed
  const { nextPollTime: _, lastPollTime: __, ...status } = feed.status ?? {};
  await context.applyStatus({ ...status, conditions: [...conditions] });
}

interface News {
  readonly clock: Clock;
  readonly proposed: number;
  readonly seen: readonly string[] | undefined;
}

function nextStatus(feed: FeedObject, round: SourceRound, { clock, proposed, seen }: News): FeedStatus {
  const { status = {}, metadata } = feed;
  const failures = round.failure === undefined ? 0 : (status.failures ?? 0) + 1;
  const next = round.nextPoll ?? new Date(clock.now() + pauseOf(feed, failures));
  return {
    observedGeneration: metadata.generation!,
    ...round.remembered,
    lastPollTime: formatTime(new Date(clock.now())),
    ...(!round.isGone && { nextPollTime: formatTime(next) }),
    failures,
    items: round.items?.length ?? status.items ?? 0,
    proposed: (status.proposed ?? 0) + proposed,
    ...(seen !== undefined && { seen: [...seen] }),
    conditions: conditionsOf(feed, clock, ...conditionsAfter(round)),
  };
}

function pauseOf({ spec }: FeedObject, failures: number): number {
  const intervalMs = (spec.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS) * 1000;
  return Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(LONGEST_MS, intervalMs));
}

function conditionsAfter({ failure, items, defects = [] }: SourceRound): readonly NewCondition[] {
  const ready: NewCondition =
    failure === undefined
      ? { type: 'Ready', status: 'True', reason: 'Polled', message: 'It was read' }
      : { type: 'Ready', status: 'False', ...failure };
  if (items === undefined) return [ready];
  const isWhole = defects.length === 0;
  const wellFormed: NewCondition = isWhole
    ? { type: 'WellFormed', status: 'True', reason: 'NoDefect', message: '' }
    : { type: 'WellFormed', status: 'False', reason: 'Defects', message: defects.join('; ').slice(0, 2048) };
  return [ready, wellFormed];
}

function conditionsOf(
  { status, metadata }: FeedObject,
  clock: Clock,
  ...conditions: readonly NewCondition[]
): Condition[] {
  const observedGeneration = metadata.generation;
  const all = conditions.reduce<readonly Condition[]>(
    (before, one) => setCondition(before, { ...one, observedGeneration }, clock),
    status?.conditions ?? [],
  );
  return [...all];
}
