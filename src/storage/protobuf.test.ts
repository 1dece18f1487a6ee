import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isParseError } from 'nekube/apimachinery';
import { messages } from './etcd-server/messages.ts';
import { MessageType } from './protobuf.ts';

const sample = new MessageType<Record<string, unknown>>('Sample', {
  count: [1, 'int'],
  id: [2, 'id'],
  flag: [3, 'bool'],
  value: [4, 'bytes'],
  key: [64, 'key'],
  names: [6, 'string', 'repeated'],
});

describe('messages of protobuf', () => {
  for (const [name, message, hex] of [
    ['zeros are left out', { count: 0, id: 0n, flag: false, key: '', names: [] }, ''],
    ['a number takes as many bytes as it needs', { count: 300 }, '08ac02'],
    ['the largest revision that fits', { count: 2 ** 53 - 1 }, '08ffffffffffffff0f'],
    ['a number below zero takes ten bytes', { count: -1 }, '08ffffffffffffffffff01'],
    ['an id of 64 bits keeps its last digit', { id: 0x7fff_ffff_ffff_fffdn }, '10fdffffffffffffff7f'],
    ['a key is its bytes', { key: '\0\xff' }, '82040200ff'],
    ['an empty name in a list is there', { names: ['', 'ü'] }, '32003202c3bc'],
  ] as const)
    test(`${name}, and is read as it was written`, () => {
      const bytes = sample.encode(message);
      assert.equal(bytes.toString('hex'), hex);
      const read = sample.decode(bytes);
      for (const [key, value] of Object.entries(message)) assert.deepEqual(read[key], value);
    });

  for (const [name, hex, error] of [
    ['a message that ends within a number', '08ff', /unexpected EOF/],
    ['a length that goes beyond the end', '2205ff', /unexpected EOF/],
    ['a length of nearly 64 bits', '22ffffffffffffffff7f', /negative length/],
    ['a number that does not end', `08${'ff'.repeat(11)}`, /integer overflow/],
    ['a group', '0b0c', /wrong wireType = 3 for field count/],
    ['an end without a group', '7c', /unexpected end of group/],
    ['a field without a number', '00', /illegal tag 0/],
  ] as const)
    test(`${name} is refused`, () => {
      assert.throws(
        () => sample.decode(Buffer.from(hex, 'hex')),
        (thrown) => {
          assert.ok(isParseError(thrown));
          assert.match(thrown.message, error);
          return true;
        },
      );
    });

  test('fields that are not known are skipped, whatever they hold', () => {
    assert.equal(
      sample.decode(
        Buffer.from('7801' + '7d01020304' + '790102030405060708' + '7a0141' + '7b7801' + '7c' + '0805', 'hex'),
      ).count,
      5,
    );
  });

  test('transactions within transactions are read to a depth', () => {
    let inner = messages.txnRequest.encode({ compare: [], success: [], failure: [] });
    const wrap = (bytes: Buffer, id: number): Buffer => {
      const length: number[] = [];
      for (let rest = bytes.length; ; rest >>= 7) {
        if (rest < 0x80) {
          length.push(rest);
          break;
        }
        length.push((rest & 0x7f) | 0x80);
      }
      return Buffer.concat([Buffer.of(id * 8 + 2, ...length), bytes]);
    };
    for (let i = 0; i < 200; i++) inner = wrap(wrap(inner, 4), 2);
    assert.throws(() => messages.txnRequest.decode(inner), /nested too deep/);
  });
});
