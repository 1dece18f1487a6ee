import { asm, layout, type MapSpec, TC } from 'nekube/bpf';
import { type FamilyShape, L3, network16 } from './family.ts';
import { addressOf, copy } from './frame.ts';
import { COUNTERS, type CounterName, type DatapathMaps, Traffic } from './maps.ts';

const {
  add,
  and,
  at,
  call,
  div,
  exit,
  goto,
  jeq,
  jgt,
  jne,
  label,
  load,
  loadMap,
  mov,
  r0,
  r1,
  r10,
  r2,
  r3,
  r4,
  r6,
  r7,
  r8,
  toBig,
} = asm;
type Code = asm.Code;
type Register = asm.Register;

/** The label at which a packet is left to what comes behind: other programs, and the kernel. */
export const NEXT = 'next';

/** Flags of TCP, as bits of its byte of flags. */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** The ends of a program, of which each must be led to: packets that are dropped, and those that are left. */
export function ends(...of: readonly ('drop' | 'next')[]): Code {
  const results = { drop: TC.shot, next: TC.unspec };
  return of.map((end) => [label(end), mov(r0, results[end]), exit()]);
}

/** Counts what happened to a packet, for each CPU. Uses r0 to r5, and four bytes of the frame. */
export function count(name: CounterName, { counters }: DatapathMaps, key: number): Code {
  const skip = `counted ${name} ${unique()}`;
  return [
    asm.storeImm(r10, at(key, 'u32'), COUNTERS.indexOf(name)),
    lookup(counters, key),
    jeq(r0, 0, skip),
    load(r1, r0, at(0, 'u64')),
    add(r1, 1),
    asm.store(r0, at(0, 'u64'), r1),
    label(skip),
  ];
}

/** Counts why a packet is dropped, and drops it by way of `report`, which tells of it. Uses r0 to r5. */
export function drop(name: CounterName, maps: DatapathMaps, key: number, to = 'report'): Code {
  return [count(name, maps, key), goto(to)];
}

/**
 * Counts a packet to the frontend whose entry is in a register, of the context in r6; `length` gives its length in r2. Uses r0 to r5, and
 * four bytes of the frame.
 */
export function countTraffic(
  service: Register,
  place: asm.Place,
  { traffic }: DatapathMaps,
  key: number,
  length: Code = load(r2, r6, layout.SkBuff.at.length),
): Code {
  const skip = `traffic ${unique()}`;
  const { packets, bytes } = Traffic.at;
  return [
    load(r1, service, place),
    asm.store(r10, at(key, 'u32'), r1),
    lookup(traffic, key),
    jeq(r0, 0, skip),
    load(r1, r0, packets),
    add(r1, 1),
    asm.store(r0, packets, r1),
    load(r1, r0, bytes),
    length,
    add(r1, r2),
    asm.store(r0, bytes, r1),
    label(skip),
  ];
}

let made = 0;

/** A number that no other label of this process has. */
export function unique(): number {
  return made++;
}

/** r0 = what a map has for the key in the frame, or 0. */
export function lookup(map: MapSpec, key: number): Code {
  return [loadMap(r1, map), addressOf(r2, key), call('map_lookup_elem')];
}

/** Writes what is in the frame into a map. */
export function update(map: MapSpec, key: number, value: number): Code {
  return [loadMap(r1, map), addressOf(r2, key), addressOf(r3, value), mov(r4, 0), call('map_update_elem')];
}

/** r0 = seconds since the machine was started. Uses r0 to r5. */
export function seconds(): Code {
  return [call('ktime_get_coarse_ns'), div(r0, 1_000_000_000)];
}

/** r7 and r8 = where the packet of the context in r6 begins and ends. */
export function packet(): Code {
  return [load(r7, r6, layout.SkBuff.at.data), load(r8, r6, layout.SkBuff.at.dataEnd)];
}

/** r7 and r8 anew, after the packet was written to. A packet that has fewer bytes than these in reach is dropped. Uses r2. */
export function headers(bytes: number): Code {
  return [packet(), mustHave(bytes, 'drop')];
}

/** Leaves packets that have fewer bytes than these in reach. Uses r2. */
export function mustHave(bytes: number, otherwise = NEXT): Code {
  return [mov(r2, r7), add(r2, bytes), jgt(r2, r8, otherwise)];
}

/**
 * Goes on with packets of the family that have no options or extensions and are no fragments, whose first `bytes` are in reach.
 * r3 = the protocol. Uses r2.
 */
export function mustBe(shape: FamilyShape, bytes: number, otherwise = NEXT): Code {
  return [
    mustHave(bytes, otherwise),
    load(r2, r7, layout.Ethernet.at.type),
    jne(r2, network16(shape.etherType), otherwise),
    mustBePlain(shape, L3, otherwise),
    load(r3, r7, at(L3 + shape.protocol, 'u8')),
  ];
}

/**
 * Goes on if the header of IPv4 that begins so many bytes behind r7 has no options, and is of no piece of a packet. Of IPv6 the header says
 * neither: what follows it does. Uses r2.
 */
export function mustBePlain({ family }: FamilyShape, header: number, otherwise: string): Code {
  if (family === 6) return [];
  return [
    load(r2, r7, at(header, 'u8')),
    jne(r2, 0x45, otherwise),
    load(r2, r7, at(header + layout.Ipv4.at.fragment.offset, 'u16')),
    and(r2, network16(0x3fff)),
    jne(r2, 0, otherwise),
  ];
}

/** The length of a packet from its IP header on, which stands behind Ethernet's at r7, in a register. */
export function packetLength({ family }: FamilyShape, to: Register): Code {
  const { Ipv4, Ipv6 } = layout;
  return family === 4
    ? [load(to, r7, at(L3 + Ipv4.at.totalLength.offset, 'u16')), toBig(to, 16)]
    : [load(to, r7, at(L3 + Ipv6.at.payloadLength.offset, 'u16')), toBig(to, 16), add(to, Ipv6.size)];
}

/** Sends the packet out by the device that it came by, and ends the program. */
export function redirectBack(device = layout.SkBuff.at.ingressIfindex): Code {
  return [load(r1, r6, device), mov(r2, 0), call('redirect'), exit()];
}

/** Copies an address of a packet whose header begins `header` bytes behind r7, into the frame. Uses r2. */
export function address(shape: FamilyShape, to: number, which: 'source' | 'destination', header = L3): Code {
  return copy({ base: r10, offset: to }, { base: r7, offset: header + shape[which] }, shape.addressLength, r2);
}
