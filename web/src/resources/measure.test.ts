import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareKeys, measureCell, measureOf, sortKey } from './measure.ts';

const ORDERED: readonly (readonly [string, { name: string; type: string }, readonly string[]])[] = [
  ['ages', { name: 'Last Seen', type: 'string' }, ['5s', '90s', '2m', '3h2m', '1d', '2y3d', '<unknown>']],
  ['quantities', { name: 'Capacity', type: 'string' }, ['100m', '1', '500Mi', '1G', '10Gi', '1Ti']],
  ['thousandths of a CPU', { name: 'cpu', type: 'string' }, ['5m', '250m', '1', '1500m', '2']],
  ['shares', { name: 'Ready', type: 'string' }, ['0/3', '1/3', '1/2', '3/3']],
  ['restarts', { name: 'Restarts', type: 'string' }, ['0', '2 (5m ago)', '10', '11 (2d ago)']],
  ['names', { name: 'Name', type: 'string' }, ['api', 'web-2', 'Web-10', 'web-010a']],
  ['numbers', { name: 'Count', type: 'integer' }, ['-1', '0', '9', '10']],
  ['numbers before texts, and what is empty last', { name: 'Port', type: 'string' }, ['80', 'http', '<none>']],
];

test('columns are in order by what their cells measure', () => {
  for (const [name, column, cells] of ORDERED) {
    const measure = measureOf(column);
    const sorted = cells.toReversed().sort((a, b) => compareKeys(sortKey(a, measure), sortKey(b, measure)));
    assert.deepEqual(sorted, cells, name);
  }
});

test('what is empty is last in the other direction too', () => {
  const keys = ['<none>', '1', '2'].map((cell) => sortKey(cell, 'number'));
  assert.deepEqual(
    keys.sort((a, b) => compareKeys(a, b, true)),
    [2, 1, undefined],
  );
});

test('a moment counts in seconds', () => {
  assert.equal(measureCell('1970-01-02T00:00:00Z', 'date'), 86_400);
  assert.equal(measureCell('80%', 'duration'), 80);
});
