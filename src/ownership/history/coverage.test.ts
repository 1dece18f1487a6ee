import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gapsBetween } from './coverage.ts';

/** Intervals as texts: `1-5 8-9`. */
const intervals = (text: string) =>
  text.split(' ').map((one) => {
    const [from, to] = one.split('-').map(Number) as [number, number];
    return { from, to };
  });

const cases: Readonly<Record<string, readonly [covered: string, gaps: string]>> = {
  'what lies between two': ['1-5 8-9', '5-8'],
  'two that meet': ['1-5 5-9', ''],
  'one within another': ['1-9 2-3 4-12', ''],
  'one within another, and a gap after the longer': ['1-9 2-3 11-12', '9-11'],
  'out of order': ['8-9 1-2 4-5', '2-4 5-8'],
  'one that ends before it begins, as a clock that was set back leaves it': ['1-5 9-7 12-13', '5-9 9-12'],
};
for (const [name, [covered, gaps]] of Object.entries(cases))
  test(`gaps: ${name}`, () => {
    const found = gapsBetween(intervals(covered)).map(({ from, to }) => `${from}-${to}`);
    assert.equal(found.join(' '), gaps);
  });
