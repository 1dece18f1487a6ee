import { asm } from 'nekube/bpf';

const { add, at, load, mov, r1, r10, r2, rsh, xor, and } = asm;
type Code = asm.Code;

/** r1 = the sum of the 16-bit words in a part of the frame, of an even length. Uses r2. */
export function sum(offset: number, length: number): Code {
  const words = Array.from({ length: length / 2 }, (_, i) => [load(r2, r10, at(offset + 2 * i, 'u16')), add(r1, r2)]);
  return [mov(r1, 0), words];
}

/** r1 = the checksum that a sum in r1 comes to (RFC 1071). Uses r2. */
export function fold(): Code {
  const once = [mov(r2, r1), rsh(r2, 16), and(r1, 0xffff), add(r1, r2)];
  return [once, once, xor(r1, 0xffff)];
}
