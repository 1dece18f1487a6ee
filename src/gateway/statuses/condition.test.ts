import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { condition, no } from './condition.ts';

test('a message that is longer than definitions take is cut, and says how much is missing', () => {
  const { message } = condition('Accepted', no('UnsupportedValue', 'wrong; '.repeat(10_000)), 1);
  ok(message.length <= 8192, `${message.length}`);
  match(message, /^wrong; wrong; .*… and 618\d\d characters more: mend these first$/);
});

test('a message is not cut within a character', () => {
  for (const before of ['', 'a']) {
    const { message } = condition('Accepted', no('UnsupportedValue', before + '🙂'.repeat(10_000)), 1);
    strictEqual(Buffer.from(message).toString(), message);
  }
});

test('a message that fits stays as it is', () => {
  const verdict = no('UnsupportedValue', 'x'.repeat(8192));
  deepStrictEqual(condition('Accepted', verdict, 3), { type: 'Accepted', ...verdict, observedGeneration: 3 });
});
