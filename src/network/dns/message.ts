import { isIPv6 } from 'node:net';
import { byteAt, MalformedError, type Name, NameWriter, readName } from './names.ts';
import { type Answer, CODES, type DnsRecord, TYPES } from './records.ts';

/** A question, and how its answer is to come. */
export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** As it was asked, in the case in which it was. */
  readonly name: Name;
  /** By its number, also of one that we do not know. */
  readonly type: number;
  readonly class: number;
  /** What the asker understands beyond the first DNS (EDNS): the version, and how long a datagram may be. */
  readonly edns?: { readonly version: number; readonly size: number };
}

const HEADER_BYTES = 12;
const CLASS_IN = 1;
/** What everybody understands, and what we send at most by a datagram. */
const SMALLEST = 512;
const LARGEST = 1232;

/** Reads a query. @throws MalformedError it is none, or asks not one question */
export function readQuery(message: Buffer): Query {
  if (message.length < HEADER_BYTES) throw new MalformedError('A message is shorter than its head');
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) throw new MalformedError('It is an answer');
  if (message.readUInt16BE(4) !== 1) throw new MalformedError('It does not ask one question');
  const [name, end] = readName(message, HEADER_BYTES);
  byteAt(message, end + 3);
  const edns = readEdns(message, end + 4);
  return {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 15,
    recursionDesired: (flags & 0x0100) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    name,
    type: message.readUInt16BE(end),
    class: message.readUInt16BE(end + 2),
    ...(edns && { edns }),
  };
}

/** The record that says so, behind all others. */
function readEdns(message: Buffer, start: number): Query['edns'] {
  const counts = [6, 8, 10].map((at) => message.readUInt16BE(at));
  const before = counts[0]! + counts[1]!;
  let found: Query['edns'];
  let at = start;
  for (let i = 0; i < before + counts[2]!; i++) {
    const [name, end] = readName(message, at);
    byteAt(message, end + 9);
    if (i >= before && message.readUInt16BE(end) === TYPES.OPT) {
      if (name.length > 0 || found !== undefined) throw new MalformedError('There is one OPT record, of the root');
      found = { size: message.readUInt16BE(end + 2), version: byteAt(message, end + 5) };
    }
    at = end + 10 + message.readUInt16BE(end + 8);
    if (at > message.length) throw new MalformedError('A record is longer than its message');
  }
  return found;
}

/** How long an answer by a datagram may be. */
export function datagramSize({ edns }: Query): number {
  return Math.min(Math.max(edns?.size ?? SMALLEST, SMALLEST), LARGEST);
}

/** Writes the answer to a query; one that is longer than it may be says that it is cut off, and has no records. */
export function writeAnswer(query: Query, answer: Answer, most: number, recursionAvailable = false): Buffer {
  const whole = write(query, answer, { recursionAvailable, isCut: false });
  if (whole.length <= most) return whole;
  const withoutMore = write(query, { ...answer, additionals: [] }, { recursionAvailable, isCut: false });
  if (withoutMore.length <= most) return withoutMore;
  const none = { ...answer, answers: [], authorities: [], additionals: [] };
  return write(query, none, { recursionAvailable, isCut: true });
}

function write(
  query: Query,
  { code, isAuthoritative, answers, authorities, additionals }: Answer,
  { recursionAvailable, isCut }: { readonly recursionAvailable: boolean; readonly isCut: boolean },
): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(query.id, 0);
  head.writeUInt16BE(
    0x8000 |
      (query.opcode << 11) |
      (isAuthoritative ? 0x0400 : 0) |
      (isCut ? 0x0200 : 0) |
      (query.recursionDesired ? 0x0100 : 0) |
      (recursionAvailable ? 0x0080 : 0) |
      (query.checkingDisabled ? 0x0010 : 0) |
      (CODES[code] & 15),
    2,
  );
  const counts = [1, answers.length, authorities.length, additionals.length + (query.edns ? 1 : 0)];
  for (const [i, count] of counts.entries()) head.writeUInt16BE(count, 4 + 2 * i);
  const names = new NameWriter();
  const parts: Buffer[] = [head];
  let length = HEADER_BYTES;
  const push = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
  };
  push(names.bytesOf(query.name, length));
  push(numbers(query.type, query.class));
  for (const record of [...answers, ...authorities, ...additionals]) push(recordBytes(record, { names, at: length }));
  // OPT: the root's, the size that we take, the upper bits of the code, version 0, no flags and no data
  if (query.edns) push(Buffer.concat([Buffer.from([0]), numbers(TYPES.OPT, LARGEST, (CODES[code] >> 4) << 8, 0, 0)]));
  return Buffer.concat(parts);
}

function recordBytes(record: DnsRecord, { names, at }: { readonly names: NameWriter; readonly at: number }): Buffer {
  const name = names.bytesOf(record.name, at);
  const fixed = Buffer.alloc(10);
  const data = dataBytes(record, names, at + name.length + fixed.length);
  fixed.writeUInt16BE(TYPES[record.type], 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt32BE(record.ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fixed, data]);
}

function dataBytes(record: DnsRecord, names: NameWriter, at: number): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      return numbers(...groupsOf(record.address));
    case 'TXT':
      return Buffer.concat([Buffer.from([Buffer.byteLength(record.text)]), Buffer.from(record.text)]);
    case 'SRV':
      // the RFC says that its target is not to be compressed
      return Buffer.concat([
        numbers(record.priority, record.weight, record.port),
        names.bytesOf(record.target, at + 6, true),
      ]);
    case 'SOA': {
      const server = names.bytesOf(record.server, at);
      const mailbox = names.bytesOf(record.mailbox, at + server.length);
      const times = Buffer.alloc(20);
      for (const [i, time] of [record.serial, 7200, 1800, 86_400, record.minimum].entries())
        times.writeUInt32BE(time, 4 * i);
      return Buffer.concat([server, mailbox, times]);
    }
    default:
      return names.bytesOf(record.target, at);
  }
}

/** The eight numbers of an address of IPv6. */
export function groupsOf(address: string): readonly number[] {
  if (!isIPv6(address)) throw new RangeError(`"${address}" is not an address of IPv6`);
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (ending) => {
    const [a = 0, b = 0, c = 0, d = 0] = ending.split('.').map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [first = '', last] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const front = [...first];
  const back = last ?? [];
  const zeros = new Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i);
  return bytes;
}
