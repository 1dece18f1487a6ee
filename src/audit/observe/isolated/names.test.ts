import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo, questionIn } from './names.ts';

test('a name is read as it is asked for', () => {
  const question = questionIn(ask(1));
  assert.deepEqual(question, { name: 'api.example', type: 1, end: 29 });
});

test('who asks for an address gets it', () => {
  const answer = answerTo(ask(1), questionIn(ask(1))!, '198.18.0.7');
  assert.equal(answer.readUInt16BE(0), 0x1234);
  assert.equal(answer.readUInt16BE(6), 1);
  assert.deepEqual([...answer.subarray(-4)], [198, 18, 0, 7]);
});

test('there is nothing of other types, which is no error', () => {
  const answer = answerTo(ask(28), questionIn(ask(28))!, '198.18.0.7');
  assert.deepEqual([answer.length, answer.readUInt16BE(6), answer.readUInt16BE(2) & 15], [29, 0, 0]);
});

test('what is no question is passed over', () => {
  for (const hex of ['', '1234', '12340100000100000000000003417069', `123401000002${'0'.repeat(30)}`])
    assert.equal(questionIn(Buffer.from(hex, 'hex')), undefined, hex);
});

/** A question for `Api.example` of a type. */
function ask(type: number): Buffer {
  const name = Buffer.from('\x03Api\x07example\x00', 'latin1');
  return Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), name, Buffer.from([0, type, 0, 1])]);
}
