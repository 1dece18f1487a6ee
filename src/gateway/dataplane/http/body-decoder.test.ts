import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyDecoder } from './body-decoder.ts';
import type { Framing } from './framing.ts';
import { HttpSyntaxError } from './head-parser.ts';

/** What a decoder makes of bytes that come in pieces: the body, what is behind it, or that it is refused. */
function decode(
  framing: Framing,
  bytes: Buffer,
  cuts: readonly number[],
): { body: string; rest: string; ended: boolean } | 'refused' {
  let body = '';
  let ended = false;
  const decoder = bodyDecoder(framing, {
    data: (chunk) => (body += chunk.toString('latin1')),
    end: () => {
      ended = true;
    },
  });
  const edges = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
  try {
    for (let i = 1; i < edges.length; i++) {
      const end = decoder.push(bytes.subarray(edges[i - 1], edges[i]), 0);
      if (end !== -1) return { body, ended, rest: bytes.toString('latin1', edges[i - 1]! + end) };
    }
  } catch (error) {
    if (error instanceof HttpSyntaxError) return 'refused';
    throw error;
  }
  return { body, ended, rest: '' };
}

const chunked: Framing = { type: 'chunked' };
const cases: readonly (readonly [string, string, ReturnType<typeof decode>])[] = [
  ['chunks', '3\r\nabc\r\n0\r\n\r\nrest', { body: 'abc', ended: true, rest: 'rest' }],
  [
    'capital digits and leading zeros',
    '000A\r\n0123456789\r\n0\r\n\r\n',
    { body: '0123456789', ended: true, rest: '' },
  ],
  ['an extension', '1;a=b;c="d"\r\nx\r\n0\r\n\r\n', { body: 'x', ended: true, rest: '' }],
  ['trailers', '1\r\nx\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n', { body: 'x', ended: true, rest: '' }],
  ['no end yet', '1\r\nx\r\n0\r\n', { body: 'x', ended: false, rest: '' }],
  ['a size that is none', 'x\r\n', 'refused'],
  ['an empty size', '\r\n', 'refused'],
  ['a negative size', '-1\r\nx\r\n', 'refused'],
  ['a size with 0x', '0x1\r\nx\r\n', 'refused'],
  ['a size beyond numbers', 'ffffffffffffffff\r\n', 'refused'],
  ['a line feed alone after a size', '1\nx\r\n0\r\n\r\n', 'refused'],
  ['a line feed alone after data', '1\r\nx\n0\r\n\r\n', 'refused'],
  ['data that is longer than its size', '1\r\nxy\r\n0\r\n\r\n', 'refused'],
  ['a carriage return in an extension', '1;a\rb\r\nx\r\n0\r\n\r\n', 'refused'],
  ['a trailer that is none', '0\r\nnonsense\r\n\r\n', 'refused'],
  ['an extension without an end', `1;${'a'.repeat(5000)}`, 'refused'],
  ['trailers without an end', `0\r\n${'a: b\r\n'.repeat(5000)}`, 'refused'],
];
for (const [name, text, expected] of cases) {
  test(`a body of ${name}, wherever it is cut`, () => {
    const bytes = Buffer.from(text, 'latin1');
    assert.deepEqual(decode(chunked, bytes, []), expected);
    const every = Array.from({ length: bytes.length }, (_, i) => i);
    assert.deepEqual(decode(chunked, bytes, every), expected);
  });
}

test('what is cut into chunks anywhere is the same body, whatever pieces it comes in', () => {
  const property = fc.property(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }),
    fc.array(fc.nat({ max: 400 })),
    (parts, cuts) => {
      const frames = parts.map((part) =>
        Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
      );
      const bytes = Buffer.concat([...frames, Buffer.from('0\r\n\r\nNEXT')]);
      const body = Buffer.concat(parts).toString('latin1');
      assert.deepEqual(decode(chunked, bytes, cuts), { body, ended: true, rest: 'NEXT' });
      const length: Framing = { type: 'length', length: body.length };
      if (body.length === 0) return;
      const plain = Buffer.concat([...parts, Buffer.from('NEXT')]);
      assert.deepEqual(decode(length, plain, cuts), { body, ended: true, rest: 'NEXT' });
    },
  );
  fc.assert(property, { numRuns: 300 });
});
