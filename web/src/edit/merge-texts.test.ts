import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeTexts } from './merge-texts.ts';

const BASE = 'a\nb\nc\nd\ne\nf\n';

test('what both did in different places is there', () => {
  assert.equal(mergeTexts(BASE, 'a\nB\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nE2\nf\n'), 'a\nB\nc\nd\nE\nE2\nf\n');
  assert.equal(mergeTexts(BASE, 'a\nc\nd\ne\nf\n', 'a\nb\nc\nd\ne\nf\ng\n'), 'a\nc\nd\ne\nf\ng\n');
});

test('what both did alike is there once', () => {
  assert.equal(mergeTexts(BASE, 'a\nX\nc\nd\ne\nf\n', 'a\nX\nc\nd\ne\nf\n'), 'a\nX\nc\nd\ne\nf\n');
});

test('what both did in the same place is not merged', () => {
  assert.equal(mergeTexts(BASE, 'a\nX\nc\nd\ne\nf\n', 'a\nY\nc\nd\ne\nf\n'), undefined);
  assert.equal(mergeTexts(BASE, 'a\nX\nc\nd\ne\nf\n', 'a\nb\nY\nd\ne\nf\n'), undefined);
});

test('who did nothing gets what the other did', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (base, other) => {
      assert.equal(mergeTexts(base, base, other), other);
      assert.equal(mergeTexts(base, other, base), other);
      assert.equal(mergeTexts(base, other, other), other);
    }),
  );
});
