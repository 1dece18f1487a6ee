import { asm } from 'nekube/bpf';

const { at, load, lsh32, mov, mov32, mul32, or32, r1, r10, r2, r3, rsh32, xor32 } = asm;
type Code = asm.Code;

/** Odd numbers with bits all over (of the golden ratio, and of MurmurHash3). */
const MIX = 0x9e3779b1;
const FINISH = 0x85ebca6b;

/** r1 = a hash of an address, a port and a protocol in the frame, 32 bits of which all are good. Uses r2 and r3. */
export function hash(address: number, length: number, port: number, protocol: number): Code {
  const words = Array.from({ length: length / 4 }, (_, i) => load(r2, r10, at(address + 4 * i, 'u32')));
  const ports = [load(r2, r10, at(port, 'u16')), load(r3, r10, at(protocol, 'u8')), lsh32(r3, 16), or32(r2, r3)];
  return [mov(r1, 0), words.map((word) => [word, xor32(r1, r2), mix()]), ports, xor32(r1, r2), mix(), finish()];
}

/** r1 = a hash of the number in it, which may be one of those that are counted up. Uses r2. */
export function hashNumber(): Code {
  return [mix(), finish()];
}

function mix(): Code {
  return [mul32(r1, MIX), mov32(r2, r1), rsh32(r2, 15), xor32(r1, r2)];
}

function finish(): Code {
  return [mul32(r1, FINISH), mov32(r2, r1), rsh32(r2, 13), xor32(r1, r2)];
}
