import { asm, type MapSpec } from 'nekube/bpf';
import { ALGORITHM, BACKEND_FLAG } from '../maps/layouts.ts';
import { copyField, type Field } from './frame.ts';
import { hash } from './hash.ts';
import { open } from './flow-state.ts';
import { flowLayoutsOf } from './maps.ts';
import { lookup, seconds } from './parts.ts';
import { remember } from './remember.ts';
import type { RequestParts } from './request-frame.ts';
import { unlessQuote } from './tuples.ts';

const { add32, at, call, goto, jeq, label, load, mod32, mov, mov32, r0, r1, r10, r2, r9, store, r7, r8 } = asm;
type Code = asm.Code;

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
    unlessQuote(parts.places, rememberPick(parts)),
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
    copyField(affinityKey.client, tuple.source, shape.addressLength),
    lookup(of.affinities, affinityKey.service.offset),
    jeq(r0, 0, 'by table'),
    load(r7, r0, value.seen),
    load(r1, r0, value.backend),
    store(r10, backendId, r1),
    seconds(),
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

/** The flow's backend, with the time that is in the frame, and the client's if clients keep theirs. */
function rememberPick({ shape, maps, places }: RequestParts): Code {
  const of = maps[shape.family];
  const { counter, flow, affinity, affinityKey, backendId, tuple } = places;
  const keep = (map: MapSpec, key: Field, value: Field): Code => remember(maps, { map, key, value, counter });
  return [
    load(r7, r10, backendId),
    store(r10, flow.backend, r7),
    open(flow, places),
    keep(of.flows, tuple.source, flow.backend),
    load(r1, r9, shape.layouts.service.at.affinitySeconds),
    jeq(r1, 0, 'remembered'),
    // the key is not written yet where the client was not looked for
    load(r1, r9, shape.layouts.service.at.id),
    store(r10, affinityKey.service, r1),
    copyField(affinityKey.client, tuple.source, shape.addressLength),
    seconds(),
    store(r10, affinity.seen, r0),
    store(r10, affinity.backend, r7),
    keep(of.affinities, affinityKey.service, affinity.backend),
    label('remembered'),
  ];
}
