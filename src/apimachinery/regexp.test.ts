import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegexp } from './regexp.ts';

const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['a|ab', 'ab', true],
  ['a|b', 'ab', false],
  ['(a|ab)(c|bcd)', 'abcd', true],
  ['a*?', 'aaa', true],
  ['(?m)^a$', 'a\nb', false],
  ['(?m)^a$', 'a', true],
  ['a$', 'a\n', false],
  ['(?i)ab', 'AB', true],
  ['', '', true],
  ['', 'a', false],
  ['a\\Q|\\E', 'a|', true],
];

for (const [pattern, text, matches] of cases) {
  test(`${JSON.stringify(text)} is ${matches ? '' : 'not '}all that ${pattern} matches`, () => {
    assert.equal(compileRegexp(pattern).matches(text), matches);
    assert.equal(compileRegexp(`^(?:${pattern})$`).test(text), matches);
  });
}
