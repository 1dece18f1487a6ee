import { asm } from 'nekube/bpf';
import { ALGORITHM } from '../maps/layouts.ts';
import { lookup, update } from './parts.ts';
import type { RequestParts } from './request.ts';

const {
  add32,
  at,
  call,
  goto,
  jeq,
  label,
  load,
  mod32,
  mov,
  mov32,
  mul32,
  r0,
  r1,
  r10,
  r2,
  r3,
  r9,
  rsh32,
  store,
  xor32,
} = asm;
type Code = asm.Code;

/** Odd numbers with bits all over (of the golden ratio, and of MurmurHash3). */
const MIX = 0x9e3779b1;
const FINISH = 0x85ebca6b;

/**
 * r0 = a backend of the service in r9 for a new flow, which is remembered: by a hash of the client's address and port and the protocol,
 * so that all nodes pick the same, also for several frontends of a Service; or by chance.
 */
export function pick({ shape, maps, places }: RequestParts): Code {
  const of = maps[shape.family];
  const { tableSize, tableOffset, algorithm } = shape.layouts.service.at;
  return [
    load(r2, r9, tableSize),
    jeq(r2, 0, 'no backend'),
    load(r1, r9, algorithm),
    jeq(r1, ALGORITHM.random, 'random'),
    hash(places.tuple.source.offset, shape.addressLength, places.tuple.sourcePort.offset, places.tuple.protocol.offset),
    goto('picked'),
    label('random'),
    call('get_prandom_u32'),
    mov32(r1, r0),
    label('picked'),
    load(r2, r9, tableSize),
    mod32(r1, r2),
    load(r2, r9, tableOffset),
    add32(r1, r2),
    store(r10, places.slot, r1),
    lookup(maps.table, places.slot.offset),
    jeq(r0, 0, 'no backend'),
    load(r1, r0, at(0, 'u32')),
    store(r10, places.backendId, r1),
    store(r10, places.flow.backend, r1),
    call('ktime_get_coarse_ns'),
    asm.rsh(r0, 30),
    store(r10, places.flow.seen, r0),
    update(of.flows, places.tuple.source.offset, places.flow.backend.offset),
    lookup(of.backends, places.backendId.offset),
    jeq(r0, 0, 'no backend'),
  ];
}

/** r1 = a hash of an address, a port and a protocol in the frame. Uses r2 and r3. */
function hash(address: number, length: number, port: number, protocol: number): Code {
  const words = Array.from({ length: length / 4 }, (_, i) => load(r2, r10, at(address + 4 * i, 'u32')));
  const ports = [
    load(r2, r10, at(port, 'u16')),
    load(r3, r10, at(protocol, 'u8')),
    asm.lsh32(r3, 16),
    asm.or32(r2, r3),
  ];
  const mix = [xor32(r1, r2), mul32(r1, MIX), mov32(r2, r1), rsh32(r2, 15), xor32(r1, r2)];
  return [
    mov(r1, 0),
    words.map((word) => [word, mix]),
    ports,
    mix,
    mul32(r1, FINISH),
    mov32(r2, r1),
    rsh32(r2, 13),
    xor32(r1, r2),
  ];
}
