import { asm } from 'nekube/bpf';
import { type FamilyShape, L3, network16 } from './family.ts';
import { copyField, type Field } from './frame.ts';
import type { CounterName } from './maps.ts';
import { count, redirectBack } from './parts.ts';
import { loadBytes } from './read-packet.ts';
import type { RequestFrame, RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';

const { at, call, jne, load, mov, r0, r1, r10, r3, r6, store, storeImm } = asm;
type Code = asm.Code;

/** An error of ICMP, or ICMPv6, that a client is told. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** What stands in the last two bytes of its header: how large a packet may be. It is in the frame where it is `fitting`. */
  readonly mtu?: 'fitting';
  /** What counts it. */
  readonly counter: CounterName;
}

/** The header of the message at `icmp` in the frame, without its checksum. Uses r1. */
export function icmpHeader({ fitting }: RequestFrame, icmp: number, error: IcmpError): Code {
  return [
    storeImm(r10, at(icmp, 'u32'), word((error.type << 8) | error.code, 0)),
    storeImm(r10, at(icmp + 4, 'u32'), 0),
    error.mtu === undefined ? [] : [load(r1, r10, fitting), store(r10, at(icmp + 6, 'u16'), r1)],
  ];
}

/** The addresses of an answer's header: from the frontend to the client. Uses r2. */
export function answerAddresses(
  { addressLength, source, destination }: FamilyShape,
  { answer, tuple }: RequestFrame,
): Code {
  const field = (offset: number): Field => ({ offset: answer.offset + offset });
  return [
    copyField(field(source), tuple.destination, addressLength),
    copyField(field(destination), tuple.source, addressLength),
  ];
}

/** Gives the packet the length in r2. A packet that cannot have it is dropped. */
export function resize(length: Code): Code {
  return [mov(r1, r6), length, mov(r3, 0), call('skb_change_tail'), jne(r0, 0, 'drop')];
}

/** Writes the beginning of the answer from the frame, behind addresses of hardware that have changed places. */
export function storeAnswer({ macs, answer }: RequestFrame, length: number): Code {
  return [storeBytes(0, macs.offset, 12), storeBytes(L3, answer.offset, length)];
}

/** Counts the answer, and sends it by the device that the packet came by. Ends the program. */
export function sendBack({ maps, places }: RequestParts, counter: CounterName): Code {
  return [count(counter, maps, places.counter.offset), redirectBack()];
}

/** The addresses of hardware of an answer, in the frame. */
export function loadMacs(to: number): Code {
  return [loadBytes(6, to, 6, 'drop'), loadBytes(0, to + 6, 6, 'drop')];
}

/** Two numbers of 16 bits, in the network's order, as the machine stores 32 bits. */
export function word(first: number, second: number): number {
  return network16(first) | (network16(second) << 16);
}
