import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldElement } from 'nekube/smd';
import { lengthText, nameOf, spanText, valueText, warText, writerText } from './history-text.ts';

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

test('nothing that a terminal would obey is written', () => {
  const object = { id: 1, group: '', version: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'web\u001b[2J' };
  assert.equal(nameOf(object), 'ConfigMap a/web\\u001b[2J');
  assert.equal(valueText({ value: 'web\u001b[31m\u009b' }), 'web\\u001b[31m\\u009b');
  assert.equal(valueText({ value: { a: '\u009b\u202e' } }), '{"a":"\\u009b\\u202e"}');
  const writer = { manager: 'hpa\u007f', operation: 'Update', apiVersion: 'v1', subresource: '\u001b' } as const;
  assert.equal(writerText(writer), 'hpa\\u007f (\\u001b)');
  const text = warText({
    type: 'begun',
    object,
    path: [fieldElement('data'), fieldElement('\u001b[31m')],
    sides: [{ manager: 'git\u001b', value: { value: '\u001b' } }],
    since: 0,
    last: 0,
    writes: 5,
    returns: 2,
    periodMs: 0,
    writesPerHour: 300,
    dependents: { podsCreated: 0, podsDeleted: 0, replicaSetsCreated: 0 },
  });
  assert.match(text, /^drift war: ConfigMap a\/web\\u001b\[2J \.data\.\\u001b\[31m: git\\u001b writes /);
  assert.doesNotMatch(text, /\p{Cc}/u);
});
