import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScalingRules } from './autoscaler.ts';
import { limitedByRules, ScaleHistory } from './history.ts';

const WINDOW_MS = 300_000;
const fast: ScalingRules = {
  stabilizationWindowSeconds: 0,
  policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }],
};

test('nothing shrinks below what was recommended in the window', () => {
  const history = new ScaleHistory(WINDOW_MS);
  history.begin(5, 0);
  assert.equal(history.stabilized(3, 1000), 5);
  assert.equal(history.stabilized(8, 2000), 8);
  assert.equal(history.stabilized(3, WINDOW_MS + 1500), 8);
  assert.equal(history.stabilized(3, WINDOW_MS + 2500), 3);
});

test('what was recommended just a window ago still counts', () => {
  const history = new ScaleHistory(WINDOW_MS);
  history.begin(5, 0);
  assert.equal(history.stabilized(3, WINDOW_MS), 5);
  assert.equal(history.stabilized(3, WINDOW_MS + 1), 3);
});

test('a behavior has a window for each direction', () => {
  const history = new ScaleHistory(WINDOW_MS);
  const behavior = { scaleUp: { stabilizationWindowSeconds: 60 }, scaleDown: { stabilizationWindowSeconds: 60 } };
  history.begin(5, 0);
  assert.deepEqual(pick(history.stabilizedBy(behavior, 5, 9, 1000)), [5, 'ScaleUpStabilized']);
  assert.deepEqual(pick(history.stabilizedBy(behavior, 5, 2, 2000)), [5, 'ScaleDownStabilized']);
  assert.deepEqual(pick(history.stabilizedBy(behavior, 5, 2, 63_000)), [2, 'ScaleDownStabilized']);
});

describe('policies', () => {
  const limits = { current: 10, min: 1, max: 100 };
  const two = [
    { type: 'Percent', value: 50, periodSeconds: 60 },
    { type: 'Pods', value: 2, periodSeconds: 60 },
  ];
  const cases: readonly {
    readonly name: string;
    readonly rules: ScalingRules;
    readonly desired: number;
    readonly expected: readonly [number, string];
  }[] = [
    { name: 'the largest change counts', rules: { policies: two }, desired: 50, expected: [15, 'ScaleUpLimit'] },
    {
      name: 'the smallest, if asked for',
      rules: { selectPolicy: 'Min', policies: two },
      desired: 50,
      expected: [12, 'ScaleUpLimit'],
    },
    {
      name: 'none, if disabled',
      rules: { selectPolicy: 'Disabled', policies: two },
      desired: 50,
      expected: [10, 'ScaleUpLimit'],
    },
    {
      name: 'down the largest change is the lowest',
      rules: { policies: two },
      desired: 1,
      expected: [5, 'ScaleDownLimit'],
    },
    {
      name: 'down the smallest is the highest',
      rules: { selectPolicy: 'Min', policies: two },
      desired: 1,
      expected: [8, 'ScaleDownLimit'],
    },
    { name: 'what they allow is done', rules: { policies: two }, desired: 12, expected: [12, 'DesiredWithinRange'] },
  ];
  for (const { name, rules, desired, expected } of cases)
    test(name, () => {
      const behavior = { scaleUp: rules, scaleDown: rules };
      assert.deepEqual(pick(new ScaleHistory(WINDOW_MS).limitedBy(behavior, desired, limits, 0)), expected);
    });

  test('what was done in the period counts', () => {
    const history = new ScaleHistory(WINDOW_MS);
    const behavior = { scaleUp: fast, scaleDown: fast };
    history.scaled(behavior, 5, 10, 0);
    assert.deepEqual(pick(history.limitedBy(behavior, 50, limits, 1000)), [10, 'ScaleUpLimit']);
    assert.deepEqual(pick(history.limitedBy(behavior, 50, limits, 61_000)), [20, 'ScaleUpLimit']);
  });

  test('the bounds of the autoscaler hold', () => {
    const behavior = { scaleUp: fast, scaleDown: fast };
    const history = new ScaleHistory(WINDOW_MS);
    assert.deepEqual(pick(history.limitedBy(behavior, 50, { current: 10, min: 1, max: 12 }, 0)), [
      12,
      'TooManyReplicas',
    ]);
    assert.deepEqual(pick(history.limitedBy(behavior, 1, { current: 10, min: 4, max: 12 }, 0)), [4, 'TooFewReplicas']);
  });
});

test('without a behavior at most twice as many come at once, or four', () => {
  assert.deepEqual(pick(limitedByRules(50, { current: 1, min: 1, max: 100 })), [4, 'ScaleUpLimit']);
  assert.deepEqual(pick(limitedByRules(50, { current: 10, min: 1, max: 100 })), [20, 'ScaleUpLimit']);
  assert.deepEqual(pick(limitedByRules(50, { current: 10, min: 1, max: 15 })), [15, 'TooManyReplicas']);
  assert.deepEqual(pick(limitedByRules(1, { current: 10, min: 3, max: 15 })), [3, 'TooFewReplicas']);
});

function pick({ replicas, reason }: { readonly replicas: number; readonly reason: string }): readonly [number, string] {
  return [replicas, reason];
}
