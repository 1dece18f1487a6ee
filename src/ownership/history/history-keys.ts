/** The kinds of entries in a history's table: the first byte of a key. */
export const Entry = {
  /** What the store is: its salt. */
  meta: 0x01,
  /** An object by its name; its number. */
  objectByName: 0x02,
  /** An object by its number. */
  object: 0x03,
  /** The state in which an object was last seen, by its number. */
  state: 0x04,
  /** A record by its number. */
  record: 0x05,
  /** That an object has a record: the object's number, then the record's. */
  recordOf: 0x06,
  /** What was watched, by its number. */
  scope: 0x07,
  /** A time in which all was seen: the scope's number, then the beginning; the end. */
  coverage: 0x08,
} as const;
export type Entry = (typeof Entry)[keyof typeof Entry];

const numberBytes = 6;

/** The key of an entry: numbers below 2^48, in their order. */
export function keyOf(entry: Entry, ...numbers: readonly number[]): Buffer {
  const key = Buffer.allocUnsafe(1 + numberBytes * numbers.length);
  key[0] = entry;
  numbers.forEach((number, i) => key.writeUIntBE(number, 1 + numberBytes * i, numberBytes));
  return key;
}

/** The number at a place of a key. */
export function numberIn(key: Buffer, at: number): number {
  return key.readUIntBE(1 + numberBytes * at, numberBytes);
}

/** The key of an object by its name. */
export function keyOfName(group: string, kind: string, namespace: string, name: string): Buffer {
  return Buffer.from([group, kind, namespace, name].join('\0').replace(/^/, '\x02'));
}

/** All entries of a kind, or those whose first numbers are these. */
export function rangeOf(entry: Entry, ...numbers: readonly number[]): { readonly from: Buffer; readonly to: Buffer } {
  const from = keyOf(entry, ...numbers);
  const to = Buffer.from(from);
  for (let i = to.length - 1; i >= 0; i--) {
    if (to[i]! < 0xff) {
      to[i]!++;
      return { from, to: to.subarray(0, i + 1) };
    }
  }
  return { from, to };
}
