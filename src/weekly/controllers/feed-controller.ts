import type { Client, Clock } from 'nekube/client';
import { type Manager, type ObjectContext, type ReconcileResult, setCondition } from 'nekube/controller';
import { isGone } from '../collect/feed-state.ts';
import { afterPoll, DEFAULT_POLL_POLICY, type PollOutcome, type PollPolicy } from '../collect/schedule.ts';
import type { FeedItem, ParsedFeed } from '../feeds/feed.ts';
import { FEED, type FeedObject, type FeedStatus } from '../resources/kinds.ts';
import { proposalsOf, type SourceItem } from '../sources/proposals.ts';
import { shownLine } from '../sources/story-title.ts';
import { knownOf, stateOf, statusOf, writeFeedStatus } from './feed-status.ts';
import { type NewsOptions, tellNews } from './news.ts';
import { proposeStory } from './propose-story.ts';
import type { ReadSource } from './source.ts';

/** How feeds are polled. */
export interface FeedControllerOptions extends NewsOptions {
  readonly read: ReadSource;
  readonly clock: Clock;
  /** As `Math.random`: polls of many feeds are spread by it. */
  readonly random: () => number;
  /** So many are read at once; default 64. */
  readonly atOnce?: number;
  /** Of a feed that is new, what was published since so long; default 8 days: a weekly's. */
  readonly firstMs?: number;
}

const FIRST_MS = 8 * 86_400_000;
const LONGEST_WAIT_MS = DEFAULT_POLL_POLICY.maxRetryAfterSeconds * (1 + DEFAULT_POLL_POLICY.jitter) * 1000 + 1000;

/**
 * Polls Feeds when they are due and proposes a Story for each page that they have new. What a feed brought is written before it is remembered,
 * and a page has one name: ended at any point, the next round proposes the rest, and nothing twice.
 */
export function addFeedController(manager: Manager, options: FeedControllerOptions): void {
  manager
    .controller('weekly-feed', { maxConcurrentReconciles: options.atOnce ?? 64 })
    .for(FEED)
    .reconcile((_, context) => reconcile(context, options));
}

async function reconcile(
  context: ObjectContext<FeedObject>,
  options: FeedControllerOptions,
): Promise<ReconcileResult | undefined> {
  const feed = context.object;
  if (feed === undefined || feed.metadata.deletionTimestamp !== undefined) return undefined;
  if (feed.spec.suspend) return suspend(context, feed, options.clock);
  const waitMs = waitOf(feed, options.clock.now());
  if (waitMs === undefined) return undefined;
  if (waitMs > 0) return { requeueAfterMs: waitMs };

  const { status, outcome, proposed } = await collectFeed(feed, context.client, options, context.signal);
  if (proposed > 0)
    tellNews(context, options, { reason: 'Proposed', note: `${proposed} ${proposed === 1 ? 'story' : 'stories'}` });
  if (outcome === 'failed' || outcome === 'gone') {
    const { reason = 'Failed', message = '' } = status.conditions?.find(({ type }) => type === 'Ready') ?? {};
    tellNews(context, options, { type: 'Warning', reason, action: 'Read', note: message });
  }
  if (!(await writeFeedStatus(context.client, feed, status, context.signal))) return undefined;
  const nextMs = waitOf({ ...feed, status }, options.clock.now());
  return nextMs === undefined ? undefined : { requeueAfterMs: Math.max(nextMs, 1000) };
}

/** Milliseconds until a feed is due; undefined: it is not polled any more. */
export function waitOf(feed: FeedObject, now: number): number | undefined {
  const state = stateOf(feed);
  if (isGone(state)) return undefined;
  const waitMs = state.nextPoll === undefined ? 0 : Math.max(0, Date.parse(state.nextPoll) - now);
  // no feed is left alone for longer: the clock was set back since
  return waitMs > LONGEST_WAIT_MS ? 0 : waitMs;
}

/** What collecting of a Feed came to. */
export interface CollectedFeed {
  /** To be applied to it, now that all that is proposed is there. */
  readonly status: FeedStatus;
  readonly outcome: PollOutcome['kind'];
  /** Stories that were not there before. */
  readonly proposed: number;
}

/** Reads what a Feed is of, whether it is due or not, and makes a Story of each page that is new. */
export async function collectFeed(
  feed: FeedObject,
  client: Client,
  options: FeedControllerOptions,
  signal: AbortSignal,
): Promise<CollectedFeed> {
  const { read, clock, random, firstMs = FIRST_MS } = options;
  const { metadata, spec } = feed;
  const [known, state] = [knownOf(feed), stateOf(feed)];
  const outcome = await read(feed, state, signal);
  const since = new Date(clock.now() - firstMs);
  const parsed = outcome.kind === 'read' ? outcome.feed : undefined;
  const news = parsed && proposalsOf(parsed.items.flatMap(sourceItemOf), spec, { seen: known.seen, since });
  const done = { created: 0, there: 0, refused: 0 };
  const as = {
    namespace: metadata.namespace!,
    feed: metadata.name!,
    ...(spec.section !== undefined && { section: spec.section }),
    signal,
  };
  for (const proposal of news?.proposals ?? []) done[(await proposeStory(client, proposal, as)).kind]++;
  const proposed = done.created;

  const poll = { now: clock.now(), random: random(), policy: policyOf(feed), configuredUrl: spec.url ?? '' };
  const seen = news?.seen ?? known.seen;
  const title = parsed === undefined ? known.title : titleOf(parsed);
  const status: FeedStatus = {
    observedGeneration: metadata.generation!,
    ...statusOf(afterPoll(state, outcome, poll)),
    ...(title !== undefined && { title }),
    items: parsed?.items.length ?? known.items ?? 0,
    proposed: (known.proposed ?? 0) + proposed,
    ...(done.refused > 0 && { refused: done.refused }),
    ...(seen !== undefined && { seen: [...seen] }),
  };
  return { status, outcome: outcome.kind, proposed };
}

const TITLE_LIMIT = 500;

/** What a feed calls itself, as far as anybody reads it: an object has no room for megabytes. */
function titleOf({ title }: ParsedFeed): string {
  return [...shownLine(title.slice(0, 2 * TITLE_LIMIT))].slice(0, TITLE_LIMIT).join('');
}

function sourceItemOf({ id, title, link, published, updated }: FeedItem): readonly SourceItem[] {
  if (link === undefined) return [];
  const time = published ?? updated;
  return [{ id, title, url: link, ...(time !== undefined && { published: time }) }];
}

function policyOf({ spec: { intervalSeconds = DEFAULT_POLL_POLICY.intervalSeconds } }: FeedObject): PollPolicy {
  const minIntervalSeconds = Math.min(DEFAULT_POLL_POLICY.minIntervalSeconds, intervalSeconds);
  return { ...DEFAULT_POLL_POLICY, intervalSeconds, minIntervalSeconds };
}

async function suspend(context: ObjectContext<FeedObject>, feed: FeedObject, clock: Clock): Promise<undefined> {
  const message = 'It is not polled while suspend is true';
  const suspended = { type: 'Ready', status: 'False', reason: 'Suspended', message } as const;
  const conditions = setCondition(feed.status?.conditions, suspended, clock);
  await context.applyStatus({ ...feed.status, conditions: [...conditions] });
}
