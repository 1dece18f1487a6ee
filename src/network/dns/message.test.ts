import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datagramSize, groupsOf, readQuery, writeAnswer } from './message.ts';
import { MalformedError, parseName, readName } from './names.ts';
import { type Answer, TYPES } from './records.ts';

/** A query for a name's A records, with what stands behind it. */
function query(name = 'a.example', { more = '', counts = '0001000000000000' } = {}): Buffer {
  const labels = parseName(name).map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from(`beef0100${counts}`, 'hex'), ...labels, Buffer.from(`0000010001${more}`, 'hex')]);
}

const edns = (size: string, version = '00'): string => `000029${size}00${version}00000000`;

function answerWith(count: number): Answer {
  const name = parseName('a.example');
  const answers = Array.from({ length: count }, (_, i) => ({
    type: 'A' as const,
    name,
    ttl: 5,
    address: `10.0.0.${i % 256}`,
  }));
  return { code: 'NOERROR', isAuthoritative: true, answers, authorities: [], additionals: [] };
}

test('a query is read as it was asked', () => {
  const { id, name, type, recursionDesired, edns: none } = readQuery(query('A.Example'));
  assert.deepEqual([id, name, type, recursionDesired, none], [0xbeef, ['A', 'Example'], TYPES.A, true, undefined]);
});

const sizes: readonly (readonly [string, Buffer, number])[] = [
  ['without EDNS', query(), 512],
  ['with EDNS', query('a.example', { more: edns('0400'), counts: '0001000000000001' }), 1024],
  [
    'with EDNS that says less than all understand',
    query('a.example', { more: edns('0010'), counts: '0001000000000001' }),
    512,
  ],
  [
    'with EDNS that says more than fits into a packet',
    query('a.example', { more: edns('ffff'), counts: '0001000000000001' }),
    1232,
  ],
];
for (const [name, message, size] of sizes) {
  test(`the answer to a query ${name} has at most ${size} bytes`, () => {
    const asked = readQuery(message);
    assert.equal(datagramSize(asked), size);
    const answer = writeAnswer(asked, answerWith(100), datagramSize(asked));
    assert.ok(answer.length <= size);
    assert.equal(answer.readUInt16BE(2) & 0x0200, 0x0200, 'it says that it is cut off');
    assert.equal(answer.readUInt16BE(6), 0);
    assert.equal(writeAnswer(asked, answerWith(100), 65_535).readUInt16BE(6), 100);
  });
}

test('names are written once and pointed at', () => {
  const answer = writeAnswer(readQuery(query()), answerWith(2), 512);
  assert.equal(answer.length, query().length + 2 * 16);
  assert.deepEqual(readName(answer, query().length), [['a', 'example'], query().length + 2]);
});

const malformed: Readonly<Record<string, Buffer>> = {
  'that is empty': Buffer.alloc(0),
  'that is an answer': Buffer.concat([Buffer.from('beef8100', 'hex'), query().subarray(4)]),
  'of two questions': query('a', { counts: '0002000000000000' }),
  'of no question': query('a', { counts: '0000000000000000' }),
  'that ends amid its name': query().subarray(0, 15),
  'that ends before its type': query().subarray(0, -3),
  'whose name points at itself': Buffer.from('beef01000001000000000000c00c00010001', 'hex'),
  'whose name points forward': Buffer.from('beef01000001000000000000c0200001000100', 'hex'),
  'of a label of an unknown kind': Buffer.from('beef010000010000000000004061000001', 'hex'),
  'of a name that is too long': query(Array.from({ length: 130 }, () => 'a').join('.')),
  'with a record that is longer than the message': query('a', {
    more: '0000290400000000000fff',
    counts: '0001000000000001',
  }),
  'with two EDNS records': query('a', { more: edns('0400') + edns('0400'), counts: '0001000000000002' }),
  'that promises records which it has not': query('a', { counts: '000100000000ffff' }),
};
for (const [name, message] of Object.entries(malformed)) {
  test(`a message ${name} is malformed`, () => assert.throws(() => readQuery(message), MalformedError));
}

test('whatever a message has in it, reading it ends, with a query or a MalformedError', () => {
  const seed = Number(process.env.NEKUBE_SEED ?? 1);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const whole = query('some.longer.name.example', { more: edns('0400'), counts: '0001000000000001' });
  for (let i = 0; i < 20_000; i++) {
    const message = Buffer.from(whole.subarray(0, i % 3 === 0 ? random(whole.length + 1) : whole.length));
    for (let changes = random(6); changes > 0 && message.length > 0; changes--) {
      message[random(message.length)] = random(4) === 0 ? 0xc0 | random(64) : random(256);
    }
    try {
      const read = readQuery(message);
      writeAnswer(read, answerWith(3), datagramSize(read));
    } catch (error) {
      assert.ok(error instanceof MalformedError, `seed ${seed}, message ${message.toString('hex')}: ${String(error)}`);
    }
  }
});

test('addresses of IPv6 are read in all their forms', () => {
  for (const [text, groups] of [
    ['::', '0 0 0 0 0 0 0 0'],
    ['::1', '0 0 0 0 0 0 0 1'],
    ['fd00::2:3', '64768 0 0 0 0 0 2 3'],
    ['1:2:3:4:5:6:7:8', '1 2 3 4 5 6 7 8'],
    ['::ffff:10.0.0.1', '0 0 0 0 0 65535 2560 1'],
  ] as const) {
    assert.equal(groupsOf(text).join(' '), groups);
  }
  assert.throws(() => groupsOf('10.0.0.1'), RangeError);
});
