import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, addressText } from './address.ts';

for (const [text, shortest] of [
  ['10.96.0.10', '10.96.0.10'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['fd00::', 'fd00::'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
] as const)
  test(`${text} is ${shortest}`, () => assert.equal(addressText(addressBytes(text)), shortest));

for (const text of [
  '',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.1.2',
  '1:2:3',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  ':::',
  'g::',
  '12345::',
])
  test(`${JSON.stringify(text)} is no address`, () => assert.throws(() => addressBytes(text), RangeError));
