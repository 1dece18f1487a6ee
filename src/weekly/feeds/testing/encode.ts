import { decodeAs } from '../encodings.ts';

/** Encodings that cases are written in. */
export const ENCODING_NAMES = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'windows-1252',
] as const;

/** Others that texts can be written in. */
export const MORE_ENCODINGS = ['gb18030', 'big5', 'euc-kr', 'windows-1251', 'koi8-r'] as const;

/** One of them. */
export type EncodingName = (typeof ENCODING_NAMES | typeof MORE_ENCODINGS)[number];

const SINGLE_BYTES: ReadonlySet<EncodingName> = new Set(['windows-1252', 'windows-1251', 'koi8-r']);

/** Text as bytes of an encoding, without a byte order mark of its own; what it cannot hold is a bug of a case, and throws. */
export function encode(text: string, encoding: EncodingName): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const bytes: number[] = [];
  if (encoding === 'iso-2022-jp') encodeJis(text, bytes);
  else for (const char of text) bytes.push(...bytesOf(char, encoding));
  return Uint8Array.from(bytes);
}

/** ISO-2022-JP is EUC-JP without the high bits, between escapes; a line ends in ASCII. */
function encodeJis(text: string, bytes: number[]): void {
  let isJapanese = false;
  for (const char of text) {
    const code = bytesOf(char, 'euc-jp');
    const isDouble = code.length === 2;
    if (isDouble !== isJapanese) bytes.push(0x1b, ...(isDouble ? [0x24, 0x42] : [0x28, 0x42]));
    isJapanese = isDouble;
    bytes.push(...code.map((byte) => byte & 0x7f));
  }
  if (isJapanese) bytes.push(0x1b, 0x28, 0x42);
}

function bytesOf(char: string, encoding: EncodingName): readonly number[] {
  if (char < '\u0080') return [char.charCodeAt(0)];
  const code = tableOf(encoding).get(char);
  if (code === undefined) throw new RangeError(`${encoding} has no ${char}`);
  return code;
}

const tables = new Map<EncodingName, ReadonlyMap<string, readonly number[]>>();

/** The characters of an encoding, by decoding all that could be one. */
function tableOf(encoding: EncodingName): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, readonly number[]>();
  const add = (...code: number[]) => {
    const text = decodeAs(Uint8Array.from(code), encoding);
    if (text.length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, code);
  };
  for (let first = 0x80; first <= 0xff; first++) {
    if (SINGLE_BYTES.has(encoding)) add(first);
    else for (let second = encoding.startsWith('euc-') ? 0xa1 : 0x40; second <= 0xfe; second++) add(first, second);
  }
  tables.set(encoding, table);
  return table;
}
