import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { corpus } from './corpus.ts';
import { decode, encode, type Instruction, print } from './index.ts';

/** Lines of bytes and what llvm-objdump makes of them (tools/bpf/record-encoding.mjs). */
const recorded = readFileSync(
  fileURLToPath(new URL('../../../src/bpf/asm/testdata/encoding.txt', import.meta.url)),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => /^(\w+) (.*)$/.exec(line)!)
  .map(([, hex = '', text = '']) => ({ hex, text }));

const slotsOf = (one: Instruction): (Instruction | undefined)[] => (one.opcode === 0x18 ? [one, undefined] : [one]);
const hexOf = (one: Instruction): string => Buffer.from(encode(slotsOf(one))).toString('hex');

test('every instruction has the bytes that LLVM has for it', () => {
  assert.deepEqual(
    corpus().map(hexOf),
    recorded.map(({ hex }) => hex),
  );
});

test('every instruction is printed as llvm-objdump prints it', () => {
  const printed = recorded.map(({ hex }) => print(decode(Buffer.from(hex, 'hex'))[0]!));
  assert.deepEqual(
    printed,
    recorded.map(({ text }) => text),
  );
});

test('decoded bytes are encoded to the same bytes', () => {
  const bytes = Buffer.from(recorded.map(({ hex }) => hex).join(''), 'hex');
  assert.equal(Buffer.from(encode(decode(bytes))).toString('hex'), bytes.toString('hex'));
});

test('bytes that end within an instruction are refused', () => {
  assert.throws(() => decode(Buffer.from('9500', 'hex')), /2 bytes must be whole slots of eight/);
  assert.throws(() => decode(Buffer.from('1801000000000000', 'hex')), /end within a 64-bit load/);
});
