import type { Family } from '../maps/address.ts';

/** Where `skb_adjust_room` makes or takes room: behind the IP header without options, or behind Ethernet's. */
export const ROOM = { network: 0, mac: 1 } as const;

/** Flags of `skb_adjust_room`. */
export const ADJUST_ROOM = {
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
export function decapsulates(family: Family): bigint {
  return ADJUST_ROOM.keepsSegments | (family === 4 ? 1n << 7n : 1n << 8n);
}
