import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memo, memoList } from './memo.ts';

interface Key {
  readonly id: number;
}

const keysOf = (count: number): Key[] => Array.from({ length: count }, (_, id) => ({ id }));

const CHANGES: Readonly<Record<string, (keys: Key[]) => void>> = {
  'one is another': (keys) => keys.splice(40, 1, { id: 1000 }),
  'the first is another': (keys) => keys.splice(0, 1, { id: 1001 }),
  'the last is another': (keys) => keys.splice(-1, 1, { id: 1002 }),
  'the one in the middle is another': (keys) => keys.splice(keys.length >> 1, 1, { id: 1003 }),
  'one came': (keys) => keys.splice(7, 0, { id: 1004 }),
  'some went': (keys) => keys.splice(10, 5),
  'one stands elsewhere': (keys) => keys.push(...keys.splice(3, 1)),
  'two far from each other are others': (keys) => {
    keys.splice(2, 1, { id: 1005 });
    keys.splice(60, 1, { id: 1006 });
  },
  'all went': (keys) => keys.splice(0),
};

for (const [name, change] of Object.entries(CHANGES)) {
  test(`a list is made of what its keys are made into, each once: ${name}`, () => {
    const asked: Key[] = [];
    const one = memo((key: Key) => {
      asked.push(key);
      return { made: key };
    });
    const make = memoList(one);
    const keys = keysOf(100);
    const before = make(keys);
    const next = [...keys];
    change(next);
    const after = make(next);
    assert.deepEqual(
      after.map(({ made }) => made),
      next,
    );
    assert.equal(new Set(asked).size, asked.length);
    assert.ok(after.every((one) => !keys.includes(one.made) || before.includes(one)));
    assert.equal(make(next.length === 0 ? keys : next), next.length === 0 ? make(keys) : after);
  });
}
