/** The families of addresses that are balanced. */
export type Family = 4 | 6;

/** The families, for what is made for each. */
export const FAMILIES = [4, 6] as const;

/** The family of an address, or of a range of them. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/**
 * The bytes of an address, four or sixteen, as they stand in a packet.
 *
 * @throws RangeError the text is no address.
 */
export function addressBytes(text: string): Uint8Array {
  return familyOf(text) === 4 ? ipv4Bytes(text) : ipv6Bytes(text);
}

/** The text of an address of four or sixteen bytes, in the shortest form (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  const run = longestZeros(words);
  const hex = (part: readonly number[]) => part.map((word) => word.toString(16)).join(':');
  if (run === undefined) return hex(words);
  return `${hex(words.slice(0, run.start))}::${hex(words.slice(run.end))}`;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function ipv4Bytes(text: string): Uint8Array {
  const found = IPV4.exec(text);
  if (found === null) throw notAnAddress(text);
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = Number(found[i + 1]);
    if (part > 255) throw notAnAddress(text);
    bytes[i] = part;
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array {
  const halves = text.split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : wordsOf(half, text)));
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) throw notAnAddress(text);
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

/** The 16-bit words of a part; one of IPv4 at its end is two of them. */
function wordsOf(part: string, text: string): number[] {
  return part.split(':').flatMap((word, i, all) => {
    if (word.includes('.') && i === all.length - 1) {
      const [a, b, c, d] = ipv4Bytes(word) as unknown as [number, number, number, number];
      return [(a << 8) | b, (c << 8) | d];
    }
    if (!/^[0-9a-f]{1,4}$/i.test(word)) throw notAnAddress(text);
    return [Number.parseInt(word, 16)];
  });
}

function longestZeros(words: readonly number[]): { readonly start: number; readonly end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === 0) end++;
    if (end - start > Math.max(1, best === undefined ? 0 : best.end - best.start)) best = { start, end };
  }
  return best;
}

function notAnAddress(text: string): RangeError {
  return new RangeError(`${JSON.stringify(text)} must be an IP address`);
}
