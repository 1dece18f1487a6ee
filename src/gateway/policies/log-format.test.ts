import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from './log-format.ts';

const cases: readonly (readonly [format: string, problem: string | undefined])[] = [
  ['[%START_TIME%] "%REQ(:METHOD)%" %RESPONSE_CODE%', undefined],
  ['%START_TIME(%Y/%m)% %REQ(A?B):10% %QUERY_PARAMS:3%', undefined],
  ['100%%', undefined],
  ['100%', 'the % at character 4 must begin an operator, as %PROTOCOL%, or be doubled'],
  ['%PROTOCOL', 'the % at character 1 must begin an operator, as %PROTOCOL%, or be doubled'],
  ['%NONSENSE%', '%NONSENSE% is no operator that is known'],
  ['%REQ%', '%REQ% must say what is meant, as in %REQ(X)%'],
  ['%PROTOCOL(X)%', '%PROTOCOL(X)% must have nothing in parentheses'],
  ['%PROTOCOL:5%', '%PROTOCOL:5% must have no length'],
];

for (const [format, problem] of cases) {
  test(`${format}: ${problem ?? 'nothing is wrong'}`, () => assert.equal(formatProblem(format), problem));
}
