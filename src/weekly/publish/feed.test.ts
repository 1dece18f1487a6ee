import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IssueDocument } from '../issue/model.ts';
import { feedWith, lackingIn } from './feed.ts';
import { ISSUE } from './testing/places.ts';

const FEED = { title: 'Harbor Weekly', url: 'https://harbor.example/weekly', author: 'The harbor' };
const NOW = new Date('2031-06-01T00:00:00Z');
/** As many as a feed has room for, the oldest of 12 May. */
const FULL = Array.from(
  { length: 50 },
  (_, i): IssueDocument => ({ ...ISSUE, number: i, slug: `issue-${i}`, publishedAt: `2031-05-${12 + (i % 10)} 09:00` }),
);

for (const [name, issues, publishedAt, isLacking] of [
  ['lacks what has room', FULL.slice(1), '2031-05-11 09:00', true],
  ['that is full lacks what is newer than its oldest', FULL, '2031-05-13 09:00', true],
  ['that is full lacks nothing that would not stay', FULL, '2031-05-11 09:00', false],
  ['does not lack what is for later', FULL.slice(1), '2031-06-02 09:00', false],
] as const)
  test(`a feed ${name}`, () => {
    const feed = feedWith(undefined, issues, FEED, NOW);
    const entry = { slug: 'scheduled', language: 'en', format: 'zenn', hash: '', publishedAt };
    const lacking = lackingIn(feed, [['articles/scheduled.md', entry]], FEED, NOW);
    assert.deepEqual(lacking, isLacking ? ['articles/scheduled.md'] : []);
  });
