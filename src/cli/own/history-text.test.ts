import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lengthText, spanText, valueText } from './history-text.ts';

test('a length of time has its two largest units', () => {
  const texts = [0, 300, 1000, 90_000, 3_600_000, 5_400_000, 90_061_000].map(lengthText);
  assert.deepEqual(texts, ['0ms', '300ms', '1s', '1m30s', '1h', '1h30m', '1d1h']);
});

test('a span has the date once where that is the same', () => {
  const at = Date.UTC(2026, 0, 1, 10);
  assert.equal(spanText(at, at + 60_000), '2026-01-01T10:00:00Z..10:01:00Z');
  assert.equal(spanText(at, at + 86_400_000), '2026-01-01T10:00:00Z..2026-01-02T10:00:00Z');
});

test('a value is in one line, and never a secret', () => {
  const hash = '85bce3c419aefc9b2332beaebbe66e87';
  assert.equal(valueText(undefined), '<removed>');
  assert.equal(valueText({ value: 'web:1' }), 'web:1');
  assert.equal(valueText({ value: '' }), '""');
  assert.equal(valueText({ value: 'a\nb' }), '"a\\nb"');
  assert.equal(valueText({ value: { a: 9_007_199_254_740_993n } as never }), '{"a":"9007199254740993"}');
  assert.equal(valueText({ value: 'x'.repeat(100) }).length, 60);
  assert.equal(valueText({ value: 'x'.repeat(100) }, true).length, 100);
  assert.equal(valueText({ hash, why: 'secret', bytes: 0 }), '<secret 85bce3c4>');
});
