import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParsedFeed, PollHints } from '../feeds/feed.ts';
import { freshSeconds, retryAfterSeconds } from './cache-times.ts';
import { type FeedState, isGone, newFeedState } from './feed-state.ts';
import { afterPoll, DEFAULT_POLL_POLICY, isDue, type PollOutcome } from './schedule.ts';

const now = Date.parse('2022-10-21T10:20:30.000Z');
const url = 'http://feeds.example/rss';
const context = { now, random: 0, configuredUrl: url };

function read(hints: PollHints = {}, more: object = {}): PollOutcome {
  const feed: ParsedFeed = { format: 'rss-2.0', title: '', encoding: 'utf-8', hints, items: [], defects: [] };
  return { kind: 'read', feed, bodyHash: 'hash', permanentUrl: url, ...more };
}
const failure = (more: object = {}): PollOutcome => ({
  kind: 'failed',
  reason: 'HTTPError',
  message: 'answered 500',
  ...more,
});
const afterFailures = (count: number): FeedState => ({ ...newFeedState(url), failures: count });

/** How many seconds later the next poll is. */
const cases: readonly (readonly [string, FeedState, PollOutcome, number])[] = [
  ['an hour, where nothing is said', newFeedState(url), read(), 3600],
  ['as long as the feed asks for', newFeedState(url), read({ intervalSeconds: 7200 }), 7200],
  ['as long as the answer is fresh', newFeedState(url), read({}, { freshSeconds: 5000 }), 5000],
  ['not more often, if a feed asks for that', newFeedState(url), read({ intervalSeconds: 1 }), 3600],
  ['a day at most, whatever a feed asks for', newFeedState(url), read({ intervalSeconds: 1e9 }), 86_400],
  [
    'as the feed asked when it was read last',
    { ...newFeedState(url), hints: { intervalSeconds: 7200 } },
    { kind: 'unchanged', permanentUrl: url },
    7200,
  ],
  ['an hour after the first failure', newFeedState(url), failure(), 3600],
  ['twice as long after the next', afterFailures(1), failure(), 7200],
  ['a day at most after many failures', afterFailures(500), failure(), 86_400],
  ['as long as a server asks to be left alone', newFeedState(url), failure({ retryAfterSeconds: 200_000 }), 200_000],
  ['a week at most, whatever a server asks for', newFeedState(url), failure({ retryAfterSeconds: 1e12 }), 604_800],
  ['no sooner, if a server asks for that', newFeedState(url), failure({ retryAfterSeconds: 1 }), 3600],
];
for (const [name, state, outcome, seconds] of cases)
  test(`a feed is polled again after ${name}`, () => {
    const { nextPoll } = afterPoll(state, outcome, context);
    assert.equal((Date.parse(nextPoll!) - now) / 1000, seconds);
  });

/** Intervals in seconds that are configured, and after how many seconds such a feed is polled again. */
const configured: readonly (readonly [string, number, number])[] = [
  ['as seldom as that says, also less than once a day', 604_800, 604_800],
  ['no more often than every ten minutes', 60, 600],
];
for (const [name, intervalSeconds, seconds] of configured)
  test(`a feed with an interval of its own is polled ${name}, read or not`, () => {
    const policy = { ...DEFAULT_POLL_POLICY, intervalSeconds };
    for (const outcome of [read(), failure()]) {
      const { nextPoll } = afterPoll(newFeedState(url), outcome, { ...context, policy });
      assert.equal((Date.parse(nextPoll!) - now) / 1000, seconds, outcome.kind);
    }
  });

test('hours and days that a feed asks to skip are skipped', () => {
  const at = (hints: PollHints) => afterPoll(newFeedState(url), read(hints), context).nextPoll;
  assert.equal(at({ skipHours: [11, 12] }), '2022-10-21T13:20:30.000Z');
  assert.equal(at({ skipDays: [5] }), '2022-10-22T00:20:30.000Z');
  assert.equal(at({ skipDays: [0, 1, 2, 3, 4, 5, 6] }), '2022-10-21T11:20:30.000Z');
});

test('polls are spread by a part of the interval', () => {
  const { nextPoll } = afterPoll(newFeedState(url), read(), { ...context, random: 0.5 });
  assert.equal(Date.parse(nextPoll!) - now, 3600 * 1050);
});

test('a feed is due when its time has come, at once if it was never polled, and never if it is gone', () => {
  assert.equal(isDue(newFeedState(url), now), true);
  const polled = afterPoll(newFeedState(url), read(), context);
  assert.deepEqual([isDue(polled, now), isDue(polled, now + 3_600_000)], [false, true]);
  const gone = afterPoll(polled, { kind: 'gone', url }, context);
  assert.deepEqual([isGone(gone), isDue(gone, now + 1e12)], [true, false]);
});

const told = ({ conditions }: FeedState) => conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

test('conditions tell what became of a feed, and since when', () => {
  const first = afterPoll(newFeedState(url), read({}, { permanentUrl: 'http://new.example/rss' }), context);
  assert.deepEqual(told(first), ['Ready=True Read', 'Malformed=False WellFormed', 'Redirected=True Moved']);
  assert.equal(first.url, 'http://new.example/rss');
  const later = { ...context, now: now + 5000 };
  const failed = afterPoll(first, failure(), later);
  assert.deepEqual(told(failed), ['Ready=False HTTPError', 'Malformed=False WellFormed', 'Redirected=True Moved']);
  assert.deepEqual(
    failed.conditions.map(({ lastTransitionTime }) => lastTransitionTime),
    ['2022-10-21T10:20:35Z', '2022-10-21T10:20:30Z', '2022-10-21T10:20:30Z'],
  );
  assert.equal(failed.url, 'http://new.example/rss');
  const gone = afterPoll(failed, { kind: 'gone', url }, later);
  assert.deepEqual(told(gone), [
    'Ready=False Gone',
    'Malformed=False WellFormed',
    'Redirected=True Moved',
    'Gone=True Gone',
  ]);
});

test('an address is the same without what only browsers need of it, and its token is not told', () => {
  const asked = 'http://feeds.example/rss?token=s3cret';
  const moved = (configuredUrl: string, permanentUrl: string): readonly string[] =>
    afterPoll(newFeedState(configuredUrl), read({}, { permanentUrl }), { ...context, configuredUrl })
      .conditions.filter(({ type }) => type === 'Redirected')
      .map(({ reason, message }) => `${reason}: ${message}`);
  assert.deepEqual(moved(`${asked}#new`, asked), ['AsConfigured: ']);
  assert.deepEqual(moved(asked.replace('//', '//anna@'), asked), ['AsConfigured: ']);
  assert.deepEqual(moved(url, asked), ['Moved: it is at http://feeds.example/rss?token=… now']);
  const gone = afterPoll(newFeedState(asked), { kind: 'gone', url: asked }, context);
  assert.doesNotMatch(JSON.stringify(gone.conditions), /s3cret/);
});

test('a defect is a condition with its place', () => {
  const feed = {
    ...(read() as { feed: ParsedFeed }).feed,
    defects: [{ code: 'NotClosed' as const, message: 'item has no end', line: 7 }],
  };
  const { conditions } = afterPoll(newFeedState(url), read({}, { feed }), context);
  const malformed = conditions.find(({ type }) => type === 'Malformed')!;
  assert.deepEqual(
    [malformed.status, malformed.reason, malformed.message],
    ['True', 'NotClosed', 'line 7: item has no end'],
  );
});

test('validators are kept while nothing changes, and those of a new body are all new', () => {
  const first = afterPoll(newFeedState(url), read({}, { etag: '"a"', lastModified: 'then' }), context);
  const same = afterPoll(first, { kind: 'unchanged', permanentUrl: url, etag: '"b"' }, context);
  assert.deepEqual([same.etag, same.lastModified, same.bodyHash], ['"b"', 'then', 'hash']);
  const next = afterPoll(same, read({}, { bodyHash: 'other' }), context);
  assert.deepEqual([next.etag, next.lastModified, next.bodyHash], [undefined, undefined, 'other']);
});

test('the next poll is always within the bounds of the policy', () => {
  const seconds = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.constantFrom(Number.MAX_VALUE, Number.POSITIVE_INFINITY, 0, undefined),
  );
  fc.assert(
    fc.property(fc.nat(2000), seconds, seconds, fc.boolean(), (failures, hint, fresh, isFailure) => {
      const outcome = isFailure
        ? failure({ retryAfterSeconds: fresh })
        : read({ intervalSeconds: hint }, { freshSeconds: fresh });
      const { nextPoll } = afterPoll(afterFailures(failures), outcome, context);
      const wait = (Date.parse(nextPoll!) - now) / 1000;
      assert.ok(
        wait >= DEFAULT_POLL_POLICY.minIntervalSeconds && wait <= DEFAULT_POLL_POLICY.maxRetryAfterSeconds,
        `${wait}`,
      );
    }),
  );
});

const times: readonly (readonly [string, number | undefined, number | undefined])[] = [
  ['a number of seconds', retryAfterSeconds({ 'retry-after': '120' }, now), 120],
  ['a date', retryAfterSeconds({ 'retry-after': 'Fri, 21 Oct 2022 10:30:30 GMT' }, now), 600],
  ['a date that is past', retryAfterSeconds({ 'retry-after': 'Fri, 21 Oct 2022 10:00:00 GMT' }, now), undefined],
  ['nothing', retryAfterSeconds({ 'retry-after': 'soon' }, now), undefined],
  ['max-age', freshSeconds({ 'cache-control': 'public, max-age=600' }, now), 600],
  ['max-age less the age', freshSeconds({ 'cache-control': 'max-age=600', age: '100' }, now), 500],
  ['no-cache', freshSeconds({ 'cache-control': 'no-cache, max-age=600' }, now), undefined],
  [
    'Expires by the clock of the server',
    freshSeconds({ expires: 'Fri, 21 Oct 2022 12:00:00 GMT', date: 'Fri, 21 Oct 2022 11:00:00 GMT' }, now),
    3600,
  ],
  ['an Expires that is 0', freshSeconds({ expires: '0' }, now), undefined],
];
for (const [name, found, meant] of times) test(`headers are read: ${name}`, () => assert.equal(found, meant));
