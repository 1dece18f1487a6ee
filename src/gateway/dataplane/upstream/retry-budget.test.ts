import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryBudget } from './retry-budget.ts';

const source = { kind: 'XBackendTrafficPolicy', namespace: 'default', name: 'p' };

function budgetOf(percent: number, count: number): RetryBudget {
  return new RetryBudget({ source, percent, intervalMs: 10_000, minimum: { count, intervalMs: 1_000 } });
}

/** How many retries there may be at a time, of as many as one wants. */
function taken(budget: RetryBudget, now: number): number {
  let count = 0;
  while (count < 1_000 && budget.take(now)) count++;
  return count;
}

test('retries are a share of the requests of the interval', () => {
  const budget = budgetOf(20, 1);
  for (let i = 0; i < 100; i++) budget.request(5_000 + i);
  assert.equal(taken(budget, 6_000), 20);
  assert.equal(taken(budget, 6_500), 0);
});

test('requests that are older than the interval count no more, and retries neither', () => {
  const budget = budgetOf(50, 1);
  for (let i = 0; i < 10; i++) budget.request(0);
  assert.equal(taken(budget, 0), 5);
  for (let i = 0; i < 4; i++) budget.request(12_000);
  assert.equal(taken(budget, 12_000), 2);
});

test('without requests there is what is allowed in any case, for each of its intervals', () => {
  const budget = budgetOf(0, 3);
  assert.deepEqual([taken(budget, 0), taken(budget, 500), taken(budget, 1_000), taken(budget, 5_000)], [3, 0, 3, 3]);
});
