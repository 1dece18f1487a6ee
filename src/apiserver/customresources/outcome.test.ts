import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalid } from 'nekube/apimachinery';
import { Outcome } from './outcome.ts';
import { validateBySchema } from './validation.ts';

test('a defect is told once, and again when it was forgotten', () => {
  const outcome = new Outcome('', false);
  outcome.add(invalid('a', 1, 'no'));
  outcome.add(invalid('b', 1, 'no'));
  outcome.add(invalid('a', 1, 'no'));
  outcome.forget(1);
  outcome.add(invalid('b', 1, 'no'));
  outcome.add(invalid('b', 1, 'no'));
  assert.deepEqual(
    outcome.errors.map(({ field }) => field),
    ['a', 'b'],
  );
});

test('all defects of a long list are told, in linear time', () => {
  // each compared with all before it would take minutes
  const errors = validateBySchema(Array(200_000).fill(''), {
    type: 'array',
    items: { type: 'string', minLength: 1 },
  });
  assert.equal(errors.length > 100_000, true);
});

test('defects without end fill no memory', () => {
  const allowed = Array.from({ length: 20_000 }, (_, i) => `e${i}`);
  // each of them lists all that is allowed: 26 gigabytes
  const errors = validateBySchema(Array(200_000).fill('x'), {
    type: 'array',
    items: { type: 'string', enum: allowed },
  });
  assert.equal(errors.length > 10 && errors.length < 1000, true, `${errors.length} errors`);
});

test('long lists of texts of a long enum hold, in linear time', () => {
  const allowed = Array.from({ length: 50_000 }, (_, i) => `e${i}`);
  const schema = { type: 'array', items: { type: 'string', enum: allowed } };
  assert.deepEqual(validateBySchema(Array(200_000).fill('e49999'), schema), []);
});
