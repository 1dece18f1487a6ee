import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { PrivateText } from './private-text.ts';

test('a private text is shown to nobody who does not ask for it', () => {
  const key = new PrivateText('-----BEGIN PRIVATE KEY-----');
  const shown = [`${key}`, JSON.stringify({ key }), inspect({ key }, { depth: 9, showHidden: true }), String(key)];
  for (const text of shown) assert.ok(!text.includes('PRIVATE KEY') && text.includes('[redacted]'), text);
  assert.equal(key.reveal(), '-----BEGIN PRIVATE KEY-----');
});

test('private texts are equal by what they hide', () => {
  assert.ok(new PrivateText('a').equals(new PrivateText('a')));
  assert.ok(!new PrivateText('a').equals(new PrivateText('b')));
});
