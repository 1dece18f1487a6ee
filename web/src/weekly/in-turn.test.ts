import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InTurn } from './in-turn.ts';

test('what is asked for later begins when all before it has ended, also by a failure', async () => {
  const inTurn = new InTurn();
  const told: string[] = [];
  const work = (name: string, turns: number) => async () => {
    told.push(`${name} begins`);
    for (let i = 0; i < turns; i++) await Promise.resolve();
    told.push(`${name} ends`);
    if (name === 'b') throw new Error('b fails');
    return name;
  };
  const all = [inTurn.run(work('a', 9)), inTurn.run(work('b', 5)), inTurn.run(work('c', 0))];
  assert.deepEqual(
    (await Promise.allSettled(all)).map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    ['a', 'failed', 'c'],
  );
  assert.deepEqual(told, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});
