import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWarnings } from './warnings.ts';

const cases: readonly [string, string | readonly string[] | undefined, readonly string[]][] = [
  ['there is none', undefined, []],
  ['one', '299 - "x"', ['299 - x']],
  ['an agent with a port', '299 host:80 "x"', ['299 host:80 x']],
  ['escaped quotes and backslashes', String.raw`299 - "a \"b\" \\c"`, [String.raw`299 - a "b" \c`]],
  ['a comma in a text', '299 - "a, 299 - b"', ['299 - a, 299 - b']],
  ['several in a line, with dates', '299 - "a" "Fri, 31 Dec 1999 23:59:59 GMT", 299 - "b"', ['299 - a', '299 - b']],
  ['several lines', ['299 - "a"', '299 - "b"'], ['299 - a', '299 - b']],
  ['what is malformed ends its line', ['299 - "a", 29 - "b", 299 - "c"', '299 - "d"'], ['299 - a', '299 - d']],
  ['a text that does not end', '299 - "a', []],
  ['UTF-8', Buffer.from('299 - "ä"').toString('latin1'), ['299 - ä']],
];

for (const [name, header, expected] of cases)
  test(`warnings: ${name}`, () => {
    assert.deepEqual(
      parseWarnings(header).map(({ code, agent, text }) => `${code} ${agent} ${text}`),
      expected,
    );
  });
