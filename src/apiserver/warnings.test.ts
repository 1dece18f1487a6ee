import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestContext, warn } from './context.ts';
import { limitWarnings } from './warnings.ts';

test('few warnings stay as they are', () => {
  assert.deepEqual(limitWarnings(['a', 'b'.repeat(4095)]), ['a', 'b'.repeat(4095)]);
});

test('long ones are cut when all together are too long', () => {
  assert.deepEqual(limitWarnings(['a'.repeat(300), 'b'.repeat(4000), 'c']), ['a'.repeat(256), 'b'.repeat(256), 'c']);
});

test('the rest is left out when even the cut ones are too many', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(28)}`.slice(0, 30));
  const shown = limitWarnings(texts);
  assert.deepEqual(shown, texts.slice(0, 137));
});

test('warnings without end are taken in linear time, and what is sent of them is the same', () => {
  const context = { warnings: [] as string[] } as unknown as RequestContext;
  const texts = Array.from({ length: 200_000 }, (_, i) => `${i}`);
  for (const text of texts) warn(context, text);
  assert.deepEqual(limitWarnings(context.warnings), limitWarnings(texts));
});
