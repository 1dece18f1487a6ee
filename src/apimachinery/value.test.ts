import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, parseJson } from './index.ts';

/** Members of all names, `__proto__` too, as a reader of JSON makes them. */
const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

test('a copy of JSON is equal, and shares no object with what it is a copy of', () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy = cloneJson(value);
      assert.deepEqual(copy, value);
      assert.equal(JSON.stringify(copy), JSON.stringify(value));
      assert.ok(sharesNothing(copy, value));
    }),
  );
});

test('a member called __proto__, integers beyond 2^53 and members that are undefined stay', () => {
  const value = { ...(parseJson('{"__proto__":{"a":[1]},"n":9007199254740993}') as object), none: undefined };
  const copy = cloneJson(value);
  assert.deepEqual(Object.keys(copy), ['__proto__', 'n', 'none']);
  assert.deepEqual(copy, value);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.notEqual(Object.getOwnPropertyDescriptor(copy, '__proto__')?.value, value['__proto__' as never]);
});

function sharesNothing(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return true;
  if (a === b) return false;
  return Object.entries(a).every(([key, member]) => sharesNothing(member, (b as Record<string, unknown>)[key]));
}
