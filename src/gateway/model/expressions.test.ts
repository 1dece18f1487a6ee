import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedExpression, expressionProblem, expressionsIn, prepareExpressions, prepareSome } from './expressions.ts';

const cases: readonly (readonly [expression: string, closed: string])[] = [
  ['a.*', 'a.*'],
  ['\\Qa.b', '\\Qa.b\\E'],
  ['\\Qa\\Eb', '\\Qa\\Eb'],
  ['\\\\Qa', '\\\\Qa'],
  ['\\Q\\\\E', '\\Q\\\\E'],
  ['\\Qa\\E\\Qb', '\\Qa\\E\\Qb\\E'],
];

for (const [expression, closed] of cases) {
  test(`${expression} is closed as ${closed}`, () => assert.equal(closedExpression(expression), closed));
}

const judged: readonly (readonly [expression: string, problem: RegExp | undefined])[] = [
  ['x{1,1000}', undefined],
  ['[a-z]{1,63}(\\.[a-z]{1,63}){1,10}', undefined],
  ['a{1000}'.repeat(140), /comes to 140000 characters/],
  ['((a{30}){30})b{30}{3}', /invalid nested repetition/],
  ['(abc|d{5}){300}', /comes to 2700 characters: it must be at most 2000/],
  ['(a{2,}){900}(?:b|c){90}', /comes to 2250 characters/],
  ['[[:alpha:]{5}]{1000}\\p{Greek}{1000}', undefined],
  ['[]a{5}]{1000}[^]{5}]{1000}', undefined],
  ['\\{9999}', undefined],
  ['\\Qa{1000}b{1000}c{1000}\\E', undefined],
  ['a{,5000}', undefined],
  ['(', /missing closing \)/],
  ['(', /missing closing \)/],
  ['\\p{L}'.repeat(101), /it names 101 classes of Unicode .* at most 100/],
  ['\\x{100}', /must stand as the character itself/],
];

for (const [expression, problem] of judged) {
  test(`${expression.slice(0, 40)} ${problem === undefined ? 'is an expression' : `is none: ${problem.source}`}`, () => {
    const found = expressionProblem(expression);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });
}

test('expressions are found wherever there are some', () => {
  const path = { type: 'RegularExpression', value: '/a|b' };
  const grpc = { type: 'RegularExpression', service: 'a.*' };
  const quoted = { type: 'RegularExpression', name: 'x', value: '\\Qa' };
  const rules = [{ matches: [{ path }, { method: grpc }, { headers: [quoted, { type: 'Exact', value: 'no' }] }] }];
  const expected = ['/a|b', 'a.*', '/(?:a.*)/[^/]+', '\\Qa', '\\Qa\\E'];
  assert.deepEqual(expressionsIn({ spec: { rules }, more: new Map([['x', rules]]) }), expected);
});

test('others go on while many expressions are made, and none is made twice', async () => {
  let now = 0;
  let pauses = 0;
  const list = Array.from({ length: 20 }, (_, i) => `prepared${i}`);
  const clock = { now: () => (now += 2), pause: async () => void pauses++ };
  await prepareExpressions(list, clock);
  assert.equal(pauses, 3);
  await prepareExpressions([...list, '('], clock);
  assert.equal(pauses, 3);
});

test('expressions of ten thousand routes are known all at once, and very long ones are not for ever', () => {
  const beyond = '\\x{100}';
  const many = Array.from({ length: 30_000 }, (_, i) => `${beyond}${i}`);
  const isKnown = (one: string): boolean => prepareSome([one], 0, () => true) === 1;
  prepareSome(many, 0, () => false);
  assert.ok(many.every(isKnown));
  for (let i = 0; i < 9; i++) prepareSome([`${beyond}${i}`.padEnd(1024 * 1024, 'x')], 0, () => false);
  assert.ok(!isKnown(many[0]!));
});
