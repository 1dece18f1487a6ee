import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseMergeCase, runMergeCase } from './cases.ts';

const recorded = readFileSync(new URL('../../src/smd/testdata/recorded.jsonl', import.meta.url), 'utf8');

test('random applies and updates end as structured-merge-diff ended them', () => {
  const failures = recorded
    .trimEnd()
    .split('\n')
    .flatMap((line, i) => runMergeCase(parseMergeCase(line)).map((failure) => ({ line: i + 1, ...failure })));
  assert.deepEqual(failures, []);
});

test('a case that expects something else fails with what differs', () => {
  const step = { op: 'apply' as const, manager: 'm', object: { a: 1 }, live: { a: 2 }, managers: {} };
  assert.deepEqual(runMergeCase({ schemaless: true, steps: [step] }), [
    { step: 0, what: 'live', expected: '{"a":2}', actual: '{"a":1}' },
    { step: 0, what: 'managers', expected: '', actual: 'm v1 applied {"f:a":{}}' },
  ]);
});

test('a line that is no case is refused', () => {
  assert.throws(() => parseMergeCase('{}'), /must have steps/);
  assert.throws(() => parseMergeCase('{'), SyntaxError);
});
