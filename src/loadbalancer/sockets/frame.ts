import { asm, layout } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import type { Layouts } from '../maps/layouts.ts';
import { SHAPES } from '../datapath/family.ts';
import { clear, type Field, frame } from '../datapath/frame.ts';
import type { DatapathMaps } from '../datapath/maps.ts';
import { SocketAffinity, SocketClient, socketLayoutsOf, type SocketMaps } from './maps.ts';

const { at, jne, label, load, r1, r10, r6, store } = asm;
type Code = asm.Code;
const { BpfSockAddr } = layout;

function frameOf(family: Family, { serviceKey }: Layouts) {
  const { key, frontend } = socketLayoutsOf(family);
  return frame({
    key,
    frontend,
    service: serviceKey,
    counter: layout.u32,
    client: SocketClient,
    affinity: SocketAffinity,
    backendId: layout.u32,
    slot: layout.u32,
  }).at;
}

/** What programs of sockets are made for. */
export interface SocketOptions {
  /** Only sockets of the network namespace with this cookie are balanced; default: of all. */
  readonly namespaceCookie?: bigint;
}

/** What the parts of a program are made with. */
export interface SocketParts {
  /** Of the addresses: also in a socket of IPv6 they may be of IPv4. */
  readonly family: Family;
  readonly maps: DatapathMaps;
  readonly sockets: SocketMaps;
  readonly options: SocketOptions;
  readonly layouts: Layouts;
  readonly places: ReturnType<typeof frameOf>;
  /** Where the context has the address. */
  readonly address: number;
  /** Before labels, which a program has for each family of addresses. */
  readonly prefix: string;
}

/** The parts for addresses of a family in the program of a hook for sockets of a family. */
export function partsFor(
  { hook, family }: { readonly hook: Family; readonly family: Family },
  given: Pick<SocketParts, 'maps' | 'sockets' | 'options'>,
): SocketParts {
  const { layouts } = SHAPES[family];
  const within = hook === family ? 0 : 12;
  return {
    ...given,
    family,
    layouts,
    places: frameOf(family, layouts),
    address: (hook === 4 ? BpfSockAddr.at.userIp4.offset : BpfSockAddr.at.userIp6.offset) + within,
    prefix: hook === family ? '' : 'mapped ',
  };
}

/** The words of an address, as offsets from its beginning. */
export function words(family: Family): readonly number[] {
  return family === 4 ? [0] : [0, 4, 8, 12];
}

/** Copies the context's address into the frame. Uses r1. */
export function addressToFrame({ family, address }: SocketParts, to: number): Code {
  return words(family).map((word) => [load(r1, r6, at(address + word, 'u32')), store(r10, at(to + word, 'u32'), r1)]);
}

/** Writes zeros where a key has a port, and behind it: maps compare that as well. */
export function clearPort(family: Family, { offset }: Field): Code {
  return clear(r10, offset, family === 4 ? 4 : 8);
}

/** Copies the context's port into the frame. Uses r1. */
export function portToFrame(to: asm.Place): Code {
  return [load(r1, r6, BpfSockAddr.at.userPort), store(r10, to, r1)];
}

/** Goes to a label if the context's address is one of IPv4 within IPv6 (RFC 4291, 2.5.5.2). Uses r1. */
export function ifMapped(then: string): Code {
  const { offset } = BpfSockAddr.at.userIp6;
  return [
    [0, 4].map((word) => [load(r1, r6, at(offset + word, 'u32')), jne(r1, 0, 'native')]),
    load(r1, r6, at(offset + 8, 'u32')),
    // 00 00 ff ff, as the machine loads it
    asm.jeq32(r1, -65_536, then),
    label('native'),
  ];
}
