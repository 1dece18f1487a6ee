import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each } from './each.ts';

test('elements are handled once each, and so many at once', async () => {
  const handled: number[] = [];
  let now = 0;
  let most = 0;
  await each([1, 2, 3, 4, 5, 6, 7], 3, async (element) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    handled.push(element);
    now--;
  });
  assert.deepEqual([handled.sort(), most], [[1, 2, 3, 4, 5, 6, 7], 3]);
});

test('one that fails is what all of it fails with', async () => {
  const handle = async (element: number): Promise<void> => {
    if (element === 2) throw new RangeError('two');
  };
  await assert.rejects(each([1, 2, 3], 2, handle), /two/);
});

test('none is begun after one failed, and those that were under way have ended when it is told', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const handle = async (element: number): Promise<void> => {
    begun.push(element);
    if (element === 2) throw new RangeError('two');
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
    ended.push(element);
  };
  await assert.rejects(each([1, 2, 3, 4, 5, 6, 7], 3, handle), /two/);
  assert.deepEqual(
    [begun, ended],
    [
      [1, 2, 3],
      [1, 3],
    ],
  );
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(begun, [1, 2, 3]);
});
