import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KepRow } from 'nekube/kep';
import { nextSort, readKepsAddress, term } from './address.ts';
import { filterRows, minorOf, readFilter, sortRows } from './list-rows.ts';

const row = (name: string, more: Partial<KepRow> = {}): KepRow => ({
  name,
  title: name,
  owningSig: 'sig-node',
  participatingSigs: [],
  authors: [],
  reviewers: [],
  approvers: [],
  readinessApprovers: [],
  featureGates: [],
  milestones: {},
  written: {},
  findings: 0,
  ...more,
});
const ROWS = [
  row('nap', { number: 9, stage: 'beta', status: 'implementable', latestMilestone: 'v1.9', stale: 'milestone' }),
  row('doze', { number: 10, stage: 'alpha', status: 'provisional', latestMilestone: 'v1.10' }),
  row('blink', {}),
];
const names = (rows: readonly KepRow[]) => rows.map(({ name }) => name).join(' ');

test('rows are sorted by what a value means, and those without one stand last', () => {
  assert.equal(names(sortRows(ROWS, 'number', false)), 'nap doze blink');
  assert.equal(names(sortRows(ROWS, 'number', true)), 'doze nap blink');
  assert.equal(names(sortRows(ROWS, 'milestone', true)), 'doze nap blink');
  assert.equal(names(sortRows(ROWS, 'stage', false)), 'doze nap blink');
  assert.equal(names(sortRows(ROWS, 'status', false)), 'doze nap blink');
  assert.equal(names(sortRows(ROWS, 'title', false)), 'blink doze nap');
  assert.equal(minorOf('soon'), undefined);
});

test('the list is filtered by the language of the command line', () => {
  assert.equal(names(filterRows(ROWS, readFilter('is:stale'))), 'nap');
  assert.equal(names(filterRows(ROWS, readFilter('-stage:alpha b'))), 'blink');
  assert.deepEqual(readFilter('stage: sig:node stage:gamma'), readFilter('sig:node'));
});

test('the address says how the list is sorted, and a click goes through its orders', () => {
  const after = (sort: string, column: 'changed' | 'title') =>
    nextSort(readKepsAddress(new URLSearchParams(sort === '' ? '' : { sort })), column);
  assert.deepEqual(
    [after('', 'changed'), after('-changed', 'changed'), after('changed', 'changed')],
    ['-changed', 'changed', undefined],
  );
  assert.deepEqual(
    [after('', 'title'), after('title', 'title'), after('-title', 'title')],
    ['title', '-title', undefined],
  );
  const read = readKepsAddress(new URLSearchParams('filter=a&in=texts&sort=-nothing&asof=2024-13-01'));
  assert.deepEqual(read, { filter: 'a', inTexts: true, sort: undefined, descending: true, asOf: undefined });
});

test('a term is read as what it was made of', () => {
  for (const value of ['@somebody', 'Ada Byron'])
    assert.deepEqual(readFilter(term('author', value)).terms, [{ field: 'author', values: [value] }]);
});
