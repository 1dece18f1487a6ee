import { layout } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import { layoutsOf } from '../maps/layouts.ts';

const { ETHERTYPE, Ipv4, Ipv6 } = layout;

/** Where Ethernet's header ends. */
export const L3 = 14;

/** What programs of one family have other than those of the other. */
export interface FamilyShape {
  readonly family: Family;
  /** The number by which the kernel knows it (`AF_INET`, `AF_INET6`). */
  readonly addressFamily: 2 | 10;
  /** Ethernet's type, as a number that says what it means. */
  readonly etherType: number;
  /** The length of an address, in bytes. */
  readonly addressLength: 4 | 16;
  /** The length of the header without options or extensions, in bytes. */
  readonly headerLength: 20 | 40;
  /** Offsets in the header. */
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  /** The protocol by which a header of the family is carried in another's. */
  readonly encapsulated: 4 | 41;
  /** The layouts of the family's maps. */
  readonly layouts: ReturnType<typeof layoutsOf>;
}

/** The shapes of both families. */
export const SHAPES: Readonly<Record<Family, FamilyShape>> = {
  4: {
    family: 4,
    addressFamily: 2,
    etherType: ETHERTYPE.ipv4,
    addressLength: 4,
    headerLength: 20,
    source: Ipv4.at.source.offset,
    destination: Ipv4.at.destination.offset,
    protocol: Ipv4.at.protocol.offset,
    encapsulated: 4,
    layouts: layoutsOf(4),
  },
  6: {
    family: 6,
    addressFamily: 10,
    etherType: ETHERTYPE.ipv6,
    addressLength: 16,
    headerLength: 40,
    source: Ipv6.at.source.offset,
    destination: Ipv6.at.destination.offset,
    protocol: Ipv6.at.nextHeader.offset,
    encapsulated: 41,
    layouts: layoutsOf(6),
  },
};

/** A number of the network's order as the machine loads it: 0x0800 is 0x0008. */
export function network16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
