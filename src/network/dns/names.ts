/** A name of DNS as its labels, first the most special; the root has none. */
export type Name = readonly string[];

/** A message, or a part of it, that is not as DNS says. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** More than any name of 255 bytes can need. */
const MOST_POINTERS = 127;

/** A name in a message, which may end in a part of a name before it. @returns the name, and where it ended */
export function readName(message: Buffer, start: number): readonly [Name, number] {
  const labels: string[] = [];
  let end: number | undefined;
  let length = 1;
  for (let at = start, pointers = 0; ; ) {
    const byte = byteAt(message, at);
    if (byte === 0) return [labels, end ?? at + 1];
    if (byte >= 0xc0) {
      end ??= at + 2;
      const to = (byte & 0x3f) * 256 + byteAt(message, at + 1);
      // backwards only, so that it comes to an end
      if (to >= at || ++pointers > MOST_POINTERS) throw new MalformedError('A name points at what is not before it');
      at = to;
      continue;
    }
    if (byte > 63) throw new MalformedError('A label has a length of no kind that there is');
    length += byte + 1;
    if (length > 255) throw new MalformedError('A name is longer than 255 bytes');
    byteAt(message, at + byte);
    labels.push(message.toString('latin1', at + 1, at + 1 + byte));
    at += byte + 1;
  }
}

/** A byte of a message. @throws MalformedError it ends before */
export function byteAt(message: Buffer, at: number): number {
  const byte = message[at];
  if (byte === undefined) throw new MalformedError('A message ends amid what it says');
  return byte;
}

/** Reads `a.example.` or `a.example`. */
export function parseName(text: string): Name {
  return text.split('.').filter((label) => label !== '');
}

/** Whether two labels are one: letters are the same in both cases. */
export function lower(name: Name): Name {
  return name.map((label) => label.toLowerCase());
}

/** What a name says before that of a zone; undefined if it is not of the zone. Both in lower case. */
export function below(name: Name, zone: Name): Name | undefined {
  const count = name.length - zone.length;
  return count >= 0 && zone.every((label, i) => name[count + i] === label) ? name.slice(0, count) : undefined;
}

/** Writes names, those that were written before by pointing at them. */
export class NameWriter {
  readonly #places = new Map<string, number>();

  /** @param isPlain nothing is pointed at: the name stands where others must read it without the message */
  bytesOf(name: Name, at: number, isPlain = false): Buffer {
    const parts: Buffer[] = [];
    let place = at;
    for (let i = 0; i < name.length; i++) {
      // case and all: the name that is pointed at is the one that is read
      const rest = name.slice(i).join('.');
      const known = this.#places.get(rest);
      if (known !== undefined && !isPlain) {
        parts.push(Buffer.from([0xc0 | (known >> 8), known & 255]));
        return Buffer.concat(parts);
      }
      if (place < 0x4000) this.#places.set(rest, known ?? place);
      const label = Buffer.from(name[i]!, 'latin1');
      if (label.length > 63) throw new RangeError(`"${name[i]}" is longer than a label may be`);
      parts.push(Buffer.from([label.length]), label);
      place += label.length + 1;
    }
    parts.push(Buffer.from([0]));
    return Buffer.concat(parts);
  }
}
