import { asm } from 'nekube/bpf';
import { ALGORITHM, BACKEND_FLAG } from '../maps/layouts.ts';
import { copy } from './frame.ts';
import { flowLayoutsOf } from './maps.ts';
import { lookup, update } from './parts.ts';
import type { RequestParts } from './request-frame.ts';
import { unlessQuote } from './tuples.ts';

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
  r7,
  r8,
} = asm;
type Code = asm.Code;

/** Odd numbers with bits all over (of the golden ratio, and of MurmurHash3). */
const MIX = 0x9e3779b1;
const FINISH = 0x85ebca6b;

const SECOND = 1_000_000_000;

/**
 * r0 = a backend of the service in r9 for a new flow, which is remembered: the one that the client had last, if clients keep theirs; or
 * by a hash of the client's address and port and the protocol, so that all nodes pick the same, also for several frontends of a Service; or
 * by chance. Uses r7 and r8.
 */
export function pick(parts: RequestParts): Code {
  return [
    kept(parts),
    label('by table'),
    byTable(parts),
    label('remember'),
    mov(r8, r0),
    unlessQuote(parts.places, remember(parts)),
    mov(r0, r8),
  ];
}

/** Goes to `remember` with the backend that the client had, if it still may. */
function kept({ shape, maps, places }: RequestParts): Code {
  const of = maps[shape.family];
  const { affinityKey, tuple, backendId } = places;
  const value = flowLayoutsOf(shape.family).affinity.at;
  return [
    load(r1, r9, shape.layouts.service.at.affinitySeconds),
    jeq(r1, 0, 'by table'),
    load(r1, r9, shape.layouts.service.at.id),
    store(r10, affinityKey.service, r1),
    copy(
      { base: r10, offset: affinityKey.client.offset },
      { base: r10, offset: tuple.source.offset },
      shape.addressLength,
      r2,
    ),
    lookup(of.affinities, affinityKey.service.offset),
    jeq(r0, 0, 'by table'),
    load(r7, r0, value.seen),
    load(r1, r0, value.backend),
    store(r10, backendId, r1),
    call('ktime_get_coarse_ns'),
    asm.div(r0, SECOND),
    asm.sub(r0, r7),
    load(r1, r9, shape.layouts.service.at.affinitySeconds),
    asm.jgt(r0, r1, 'by table'),
    lookup(of.backends, backendId.offset),
    jeq(r0, 0, 'by table'),
    load(r1, r0, shape.layouts.backend.at.flags),
    asm.jset(r1, BACKEND_FLAG.terminating, 'by table'),
    goto('remember'),
  ];
}

/** r0 = the backend that the service's table has for the flow. */
function byTable({ shape, maps, places }: RequestParts): Code {
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
    lookup(maps[shape.family].backends, places.backendId.offset),
    jeq(r0, 0, 'no backend'),
  ];
}

/** The flow's backend, and the client's if clients keep theirs, with the time. */
function remember({ shape, maps, places }: RequestParts): Code {
  const of = maps[shape.family];
  const { flow, affinity, affinityKey, backendId, tuple } = places;
  return [
    load(r7, r10, backendId),
    store(r10, flow.backend, r7),
    call('ktime_get_coarse_ns'),
    asm.div(r0, SECOND),
    store(r10, flow.seen, r0),
    store(r10, affinity.backend, r7),
    store(r10, affinity.seen, r0),
    update(of.flows, tuple.source.offset, flow.backend.offset),
    load(r1, r9, shape.layouts.service.at.affinitySeconds),
    jeq(r1, 0, 'remembered'),
    // the key is not written yet where the client was not looked for
    load(r1, r9, shape.layouts.service.at.id),
    store(r10, affinityKey.service, r1),
    copy(
      { base: r10, offset: affinityKey.client.offset },
      { base: r10, offset: tuple.source.offset },
      shape.addressLength,
      r2,
    ),
    update(of.affinities, affinityKey.service.offset, affinity.backend.offset),
    label('remembered'),
  ];
}

/** r1 = a hash of an address, a port and a protocol in the frame. Uses r2 and r3. */
export function hash(address: number, length: number, port: number, protocol: number): Code {
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
