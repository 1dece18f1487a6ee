/** The offset basis of FNV of 128 bits, 16 bits at a time, the lowest first. */
const OFFSET = [0xc58d, 0x6295, 0x2175, 0x62b8, 0x0142, 0x07bb, 0x272e, 0x6c62];
/** The prime is 2^88 and this. */
const LOW_PRIME = 0x13b;

/** The hash FNV-1a of 128 bits of a text's UTF-8, as hexadecimal digits that sort as their numbers. */
export function fnv128(text: string): string {
  const hash = Uint16Array.from(OFFSET);
  for (const byte of Buffer.from(text)) {
    hash[0] = hash[0]! ^ byte;
    multiply(hash);
  }
  return [...hash]
    .toReversed()
    .map((part) => part.toString(16).padStart(4, '0'))
    .join('');
}

/** By the prime, in place: times its low part, and shifted by 88 bits, which are five parts and a half. */
function multiply(hash: Uint16Array): void {
  const [a, b, c] = [hash[0]!, hash[1]!, hash[2]!];
  let carry = 0;
  for (let at = 0; at < 8; at++) {
    let sum = hash[at]! * LOW_PRIME + carry;
    if (at === 5) sum += (a & 0xff) << 8;
    else if (at === 6) sum += (a >> 8) | ((b & 0xff) << 8);
    else if (at === 7) sum += (b >> 8) | ((c & 0xff) << 8);
    hash[at] = sum & 0xffff;
    carry = sum >>> 16;
  }
}
