import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { newFeedState } from './feed-state.ts';
import { DocumentFetcher } from './fetch-document.ts';
import type { FetchDocument } from './poll-feed.ts';
import { pollRound, type RoundFeed, type RoundResult } from './poll-round.ts';
import { endless, redirect, rssOf, Site, trickle } from './testing/site.ts';

const now = Date.parse('2022-10-21T10:20:30.000Z');
const bomb = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 60 }, (_, at) => `<!ENTITY a${at} "&a;&a;&a;">`).join('')}]><rss><channel><title>&a59;</title></channel></rss>`;
const compressed = gzipSync(Buffer.alloc(64 << 20));

const site = new Site({
  '/good-N': (request, response) => {
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end();
    response.writeHead(200, { etag: '"1"' }).end(rssOf(request.url!.slice(1), 10));
  },
  '/page': (_, response) =>
    response.end('<html><head><link rel="alternate" type="application/atom+xml" href="/atom"></head></html>'),
  '/same': (_, response) => response.end(rssOf('same', 2)),
  '/gone': (_, response) => response.writeHead(410).end(),
  '/moved-to-page': redirect(301, '/page'),
  '/endless': endless,
  '/trickle': trickle(50),
  '/silent': () => undefined,
  '/loop': redirect(302, '/loop'),
  '/entities': (_, response) => response.end(bomb),
  '/compressed': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed),
});
const options = { contact: 'me@team.example', now: () => now, allowedNetworks: ['127.0.0.0/8'] };
const fetcher = new DocumentFetcher({ ...options, totalTimeoutMs: 60_000, idleTimeoutMs: 60_000 });
const impatient = new DocumentFetcher({ ...options, totalTimeoutMs: 200 });
const fetch: FetchDocument = (request) => fetcher.fetch(request);

before(async () => {
  await site.start();
});
after(async () => {
  await Promise.all([fetcher.close(), impatient.close()]);
  await site.stop();
});

const feedAt = (path: string, host?: string): RoundFeed => {
  const url = site.url(path, host);
  return { key: path, url, state: newFeedState(url) };
};

/** A round, and what was told in it. */
async function round(feeds: readonly RoundFeed[], more: object = {}) {
  const results: RoundResult[] = [];
  const onResult = (result: RoundResult) => void results.push(result);
  const summary = await pollRound(feeds, { fetch, now: () => now, random: () => 0, onResult, ...more });
  return { summary, results };
}

test('feeds are read, and the next time those that have not changed are not', async () => {
  const first = await round([feedAt('/good-1'), feedAt('/same'), feedAt('/gone')]);
  assert.deepEqual(first.summary, { due: 3, read: 2, unchanged: 0, gone: 1, failed: 0 });
  const later = first.results.map(({ feed, state }) => ({ ...feed, state }));
  const tooEarly = await round(later);
  assert.equal(tooEarly.summary.due, 0);
  const second = await round(later, { now: () => now + 86_400_000 });
  assert.deepEqual(second.summary, { due: 2, read: 0, unchanged: 2, gone: 0, failed: 0 });
});

test('what a round tells of a feed is what the feed has', async () => {
  const { results } = await round([feedAt('/good-7')]);
  const [{ outcome, state }] = results as [RoundResult];
  assert.ok(outcome.kind === 'read');
  assert.equal(outcome.feed.items.length, 10);
  assert.equal(state.etag, '"1"');
});

test('a page that is no feed is an error that names the feeds of the page, and a redirect to it is not kept', async () => {
  const { results } = await round([feedAt('/moved-to-page')]);
  const [{ outcome, state, feed }] = results as [RoundResult];
  assert.ok(outcome.kind === 'failed' && outcome.reason === 'NotAFeed');
  assert.match(outcome.message, /this is an HTML page; it names http:.*\/atom$/);
  assert.equal(state.url, feed.url);
});

test('feeds that are slow or hostile delay no others: all others are told before them', async () => {
  const slow = ['/trickle', '/silent'].map((path, at) => feedAt(path, `127.0.1.${at + 1}`));
  const hostile = ['/endless', '/loop', '/entities', '/compressed'].map((path, at) =>
    feedAt(path, `127.0.2.${at + 1}`),
  );
  const good = Array.from({ length: 100 }, (_, at) => feedAt(`/good-${at}`, `127.0.3.${at + 1}`));
  // the slow ones are given up when all others are told, however long these take here; else after a minute
  const results: RoundResult[] = [];
  let tell: (value?: unknown) => void = () => {};
  const othersAreTold = new Promise((resolve) => (tell = resolve));
  const onResult = (result: RoundResult): void => {
    if (results.push(result) === hostile.length + good.length) tell();
  };
  const isSlow = (url: string): boolean => slow.some((feed) => feed.url === url);
  const giveUp: FetchDocument = async (request) => {
    if (!isSlow(request.url)) return await fetcher.fetch(request);
    await Promise.race([othersAreTold, sleep(60_000, undefined, { ref: false })]);
    return await impatient.fetch(request);
  };
  const { summary } = await round([...slow, ...hostile, ...good], { concurrency: 8, fetch: giveUp, onResult });
  assert.deepEqual(summary, { due: 106, read: 101, unchanged: 0, gone: 0, failed: 5 });
  const told = results.map(({ feed }) => feed.key);
  const waiting = told.findIndex((key) => key === '/silent' || key === '/trickle');
  assert.deepEqual(
    told.slice(waiting).filter((key) => key.startsWith('/good-')),
    [],
  );
  const reasons = results.flatMap(({ feed, outcome }) =>
    outcome.kind === 'failed' ? [`${feed.key} ${outcome.reason}`] : [],
  );
  assert.deepEqual(reasons.sort(), [
    '/compressed TooLarge',
    '/endless TooLarge',
    '/loop RedirectLoop',
    '/silent Timeout',
    '/trickle Timeout',
  ]);
});

test('feeds that failed before come after all that did not', async () => {
  const failing = Array.from({ length: 5 }, (_, at) => {
    const feed = feedAt(`/good-${at}`, `127.0.4.${at + 1}`);
    return { ...feed, key: 'failing', state: { ...feed.state, failures: 3 } };
  });
  const sound = Array.from({ length: 5 }, (_, at) => feedAt(`/good-${at}`, `127.0.5.${at + 1}`));
  const { results } = await round([...failing, ...sound], { concurrency: 1 });
  assert.deepEqual(
    results.slice(-5).map(({ feed }) => feed.key),
    Array.from({ length: 5 }, () => 'failing'),
  );
});

test('no host has more feeds polled at once than is allowed, and all together not more than that', async () => {
  const active = new Map<string, number>();
  let most = 0;
  let mostOfHost = 0;
  const counting: FetchDocument = async ({ url }) => {
    const host = new URL(url).hostname;
    active.set(host, (active.get(host) ?? 0) + 1);
    mostOfHost = Math.max(mostOfHost, active.get(host)!);
    most = Math.max(
      most,
      [...active.values()].reduce((sum, count) => sum + count, 0),
    );
    await new Promise((resolve) => setImmediate(resolve));
    active.set(host, active.get(host)! - 1);
    return { kind: 'failed', reason: 'HTTPError', message: '' };
  };
  const feeds = Array.from({ length: 200 }, (_, at) => feedAt(`/good-${at}`, `127.0.0.${(at % 4) + 1}`));
  const { summary } = await round(feeds, { fetch: counting, concurrency: 6 });
  assert.equal(summary.failed, 200);
  assert.equal(most, 6);
  assert.equal(mostOfHost, 2);
});

test('a round that is ended rejects with the reason, when nothing of it is left', async () => {
  const ending = new AbortController();
  const told: string[] = [];
  const ended = round([feedAt('/silent', '127.0.6.1'), feedAt('/good-1', '127.0.6.2')], {
    signal: ending.signal,
    onResult: ({ feed }: RoundResult) => {
      told.push(feed.key);
      ending.abort(new Error('enough'));
    },
  });
  await assert.rejects(ended, /enough/);
  assert.deepEqual(told, ['/good-1']);
});

test('an error of who listens ends the round', async () => {
  const failing = round([feedAt('/silent', '127.0.6.1'), feedAt('/good-1', '127.0.6.2')], {
    onResult: () => {
      throw new Error('the disk is full');
    },
  });
  await assert.rejects(failing, /the disk is full/);
});
