/** What is asked of a name server (RFC 1035, section 4). */
export interface Question {
  /** Without the dot at the end, in lower case. */
  readonly name: string;
  readonly type: number;
  /** Where the question ends in the message. */
  readonly end: number;
}

const HEADER = 12;
const TYPE_A = 1;
const TTL_SECONDS = 60;

/** The question of a message; undefined: it is none that is understood. */
export function questionIn(message: Buffer): Question | undefined {
  if (message.length < HEADER || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    if (length > 63 || at + 1 + length >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** The answer: an address of IPv4 for who asks for one, and nothing for all else, which is no error. */
export function answerTo(message: Buffer, { type, end }: Question, address: string): Buffer {
  const isAddress = type === TYPE_A;
  const head = Buffer.from(message.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(Number(isAddress), 6);
  head.writeUInt32BE(0, 8);
  if (!isAddress) return head;
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | HEADER, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return Buffer.concat([head, record]);
}
