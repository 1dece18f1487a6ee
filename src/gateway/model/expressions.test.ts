import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedExpression } from './expressions.ts';

const cases: readonly (readonly [expression: string, closed: string])[] = [
  ['a.*', 'a.*'],
  ['\\Qa.b', '\\Qa.b\\E'],
  ['\\Qa\\Eb', '\\Qa\\Eb'],
  ['\\\\Qa', '\\\\Qa'],
  ['\\Q\\\\E', '\\Q\\\\E'],
  ['\\Qa\\E\\Qb', '\\Qa\\E\\Qb\\E'],
];

for (const [expression, closed] of cases) {
  test(`${expression} is closed as ${closed}`, () => assert.equal(closedExpression(expression), closed));
}
