import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KepHistory } from '../history/history.ts';
import { readKep } from '../document/read-kep.ts';
import { contentAsOf } from './as-of.ts';
import { KepSite, type SiteContent } from './kep-site.ts';

const at = (time: string, field: string, from?: string, to?: string): KepHistory['changes'][number] => ({
  commit: 'a'.repeat(40),
  time,
  field,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

const { kep } = readKep(
  'keps/sig-node/1-nap',
  `title: Longer naps\nkep-number: 1\nowning-sig: sig-node\nstatus: implemented\nstage: beta\nlatest-milestone: "v1.3"\nmilestone:\n  alpha: "v1.2"\n  beta: "v1.3"\nlast-updated: 2021-03-01\n`,
);
const contentOf = (changed: string, changes: KepHistory['changes']): SiteContent => ({
  source: { repository: 'https://example.test/keps', time: '2021-06-01T00:00:00Z' },
  keps: [kep],
  findings: new Map(),
  histories: () => new Map([[kep.name, { changed, changes }]]),
  textOf: () => '',
  allTexts: () => Promise.resolve(() => ''),
});
const content = contentOf('2021-03-01T10:00:00Z', [
  at('2020-01-01T10:00:00Z', 'kep', undefined, 'proposed'),
  at('2020-01-01T10:00:00Z', 'title', undefined, 'Naps'),
  at('2020-01-01T10:00:00Z', 'status', undefined, 'provisionl'),
  at('2020-06-01T23:59:59Z', 'status', 'provisionl', 'implementable'),
  at('2020-06-01T23:59:59Z', 'milestone.alpha', undefined, 'v1.2'),
  at('2021-03-01T10:00:00Z', 'title', 'Naps', 'Longer naps'),
  at('2021-03-01T10:00:00Z', 'status', 'implementable', 'implemented'),
  at('2021-03-01T10:00:00Z', 'stage', 'alpha', 'beta'),
  at('2021-03-01T10:00:00Z', 'latest-milestone', 'v1.2', 'v1.3'),
  at('2021-03-01T10:00:00Z', 'milestone.beta', undefined, 'v1.3'),
]);
const rowAt = (day: string, of = content) =>
  new KepSite(contentAsOf(of, day), { kepUrl: (name) => name }).index().keps[0];

test('a KEP is not there before it was proposed', () => {
  assert.equal(rowAt('2019-12-31'), undefined);
  assert.ok(rowAt('2020-01-01'));
});

test('what changed since a day is undone, a value that was none among it', () => {
  const first = rowAt('2020-05-31')!;
  assert.deepEqual([first.title, first.status, first.written['status']], ['Naps', undefined, 'provisionl']);
  assert.deepEqual(first.milestones, {});
  const second = rowAt('2020-06-01')!;
  assert.deepEqual([second.status, second.stage, second.latestMilestone], ['implementable', 'alpha', 'v1.2']);
  assert.deepEqual(second.milestones, { alpha: 'v1.2' });
  assert.equal(second.changed?.day, '2020-06-01');
  assert.equal(second.updated, undefined);
});

test('on the day of the last change all is as now', () => {
  const { title, status, stage, milestones, updated } = rowAt('2021-03-01')!;
  assert.deepEqual(
    [title, status, stage, milestones, updated],
    [kep.title, kep.status, kep.stage, kep.milestones, kep.updated],
  );
});

test('what lies before the last commit of a day was there, also if it is dated later', () => {
  const clocks = contentOf('2020-06-01T10:00:00Z', [
    at('2020-01-01T10:00:00Z', 'kep', undefined, 'proposed'),
    at('2020-06-01T10:00:00Z', 'stage', undefined, 'alpha'),
    at('2020-05-01T10:00:00Z', 'status', 'implementable', 'implemented'),
  ]);
  const { stage, status } = rowAt('2020-05-01', clocks)!;
  assert.deepEqual([stage, status], ['beta', 'implemented']);
  assert.equal(rowAt('2020-04-30', clocks)!.status, 'implementable');
});
