import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import { type Condition, findCondition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';

const clock = new FakeClock(Date.UTC(2026, 5, 1));
const NOW = '2026-06-01T00:00:00Z';
const OLD = '2026-01-01T00:00:00Z';
const ready: Condition = { type: 'Ready', status: 'True', reason: 'Done', message: '', lastTransitionTime: OLD };
const other: Condition = { ...ready, type: 'Other' };

test('a new condition comes at the end, since now', () => {
  const { lastTransitionTime, ...condition } = ready;
  assert.deepEqual(setCondition([other], condition, clock), [other, { ...ready, lastTransitionTime: NOW }]);
  assert.deepEqual(setCondition(undefined, condition, clock), [{ ...ready, lastTransitionTime: NOW }]);
});

test('a new status is since now, or since when it says', () => {
  const unready = { type: 'Ready', status: 'False', reason: 'Done', message: '' } as const;
  assert.deepEqual(setCondition([ready, other], unready, clock), [{ ...unready, lastTransitionTime: NOW }, other]);
  const since = { ...unready, lastTransitionTime: '2026-02-02T00:00:00Z' };
  assert.deepEqual(setCondition([ready], since, clock), [since]);
});

test('another reason, message or generation is no new status', () => {
  for (const change of [{ reason: 'Other' }, { message: 'more' }, { observedGeneration: 2 }]) {
    const { lastTransitionTime, ...condition } = { ...ready, ...change };
    assert.deepEqual(setCondition([ready], condition, clock), [{ ...ready, ...change }]);
  }
});

test('what changes nothing gives the same list', () => {
  const list = Object.freeze([ready]);
  assert.equal(setCondition(list, { ...ready, lastTransitionTime: NOW }, clock), list);
});

test('conditions are found, asked and removed', () => {
  assert.equal(findCondition([other, ready], 'Ready'), ready);
  assert.equal(findCondition(undefined, 'Ready'), undefined);
  assert.equal(isConditionTrue([ready], 'Ready'), true);
  assert.equal(isConditionTrue([{ ...ready, status: 'Unknown' }], 'Ready'), false);
  assert.deepEqual(removeCondition([other, ready], 'Ready'), [other]);
  const list = [other];
  assert.equal(removeCondition(list, 'Ready'), list);
});
