import { asm } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';

const { call, jne, loadImm64, mov, r0, r1, r2, r3, r4, r6 } = asm;
type Code = asm.Code;

/** Where `skb_adjust_room` makes or takes room: behind the IP header without options, or behind Ethernet's. */
const WHERE = { network: 0, mac: 1 } as const;

/** Flags of `skb_adjust_room`. */
const ADJUST_ROOM = {
  /** The segments of a packet keep their size: that they fit was judged before. */
  keepsSegments: 1n,
  /** Behind the header that is put before the packet is one of UDP. */
  udp: 1n << 4n,
  /** And then one of Ethernet, of 14 bytes. */
  ethernet: (1n << 6n) | (14n << 56n),
} as const;

/** What is put before the packet is a header of this family. */
export function encapsulates(family: Family): bigint {
  return ADJUST_ROOM.keepsSegments | (family === 4 ? 1n << 1n : 1n << 2n);
}

/** What is left when room is taken is a packet of this family. */
function decapsulates(family: Family): bigint {
  return ADJUST_ROOM.keepsSegments | (family === 4 ? 1n << 7n : 1n << 8n);
}

/** Where code goes on if the kernel gives no room, unless another label is named. */
const NO_ROOM = 'no room';

/**
 * Makes room for an outer header of a family, behind Ethernet's, and what is between it and the packet: nothing, or headers of UDP and
 * Geneve and of Ethernet within. Like all of this file it uses r0 to r5, and pointers into the packet are not good any more.
 */
export function makeRoomBefore(family: Family, bytes: number, between: 'nothing' | 'geneve' = 'nothing'): Code {
  const geneve = between === 'geneve' ? ADJUST_ROOM.udp | ADJUST_ROOM.ethernet : 0n;
  return adjust(bytes, WHERE.mac, encapsulates(family) | geneve, NO_ROOM);
}

/** Takes an outer header away, with all that is between it and the packet, which is of this family. */
export function takeRoomBefore(family: Family, bytes: number, otherwise = NO_ROOM): Code {
  return adjust(-bytes, WHERE.mac, decapsulates(family), otherwise);
}

/** Makes room behind the IP header without options, or takes so much of it away if `bytes` is negative. */
export function adjustRoomBehind(bytes: number): Code {
  return adjust(bytes, WHERE.network, ADJUST_ROOM.keepsSegments, NO_ROOM);
}

function adjust(bytes: number, where: number, flags: bigint, otherwise: string): Code {
  return [
    mov(r1, r6),
    mov(r2, bytes),
    mov(r3, where),
    loadImm64(r4, flags),
    call('skb_adjust_room'),
    jne(r0, 0, otherwise),
  ];
}
