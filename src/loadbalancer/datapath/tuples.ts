import { asm } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { copyField, type Field } from './frame.ts';
import { type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { address, unique } from './parts.ts';
import { forget } from './remember.ts';

const { at, jne, label, load, r1, r10, r2, r3, r7, store, storeImm } = asm;
type Code = asm.Code;
type FlowLayouts = ReturnType<typeof flowLayoutsOf>;

/** Where a tuple stands in a frame. */
export type TuplePlaces = FlowLayouts['tuple']['at'];

/** Copies a packet's tuple, whose header begins `header` bytes behind r7, into the frame; its ports
 * are `l4` bytes behind r7. r3 is its protocol. Uses r2. */
export function readTuple(shape: FamilyShape, tuple: TuplePlaces, header = L3, l4 = header + shape.headerLength): Code {
  return [
    storeImm(r10, at(tuple.protocol.offset, 'u32'), 0),
    store(r10, tuple.protocol, r3),
    address(shape, tuple.source.offset, 'source', header),
    address(shape, tuple.destination.offset, 'destination', header),
    load(r2, r7, at(l4, 'u16')),
    store(r10, tuple.sourcePort, r2),
    load(r2, r7, at(l4 + 2, 'u16')),
    store(r10, tuple.destinationPort, r2),
  ];
}

/** Code that is passed over for an error of ICMP, which is about a flow and no part of it. */
export function unlessQuote({ quote }: { readonly quote: asm.Place }, code: Code): Code {
  const past = `past ${unique()}`;
  return [load(r1, r10, quote), jne(r1, 0, past), code, label(past)];
}

/**
 * Forgets from which frontend the replies to a packet would come, whose tuple is in the frame: it is for the pod itself. Uses r0 to r5.
 */
export function forgetReply(
  shape: FamilyShape,
  maps: DatapathMaps,
  { tuple, reverse, counter }: { readonly tuple: TuplePlaces; readonly reverse: TuplePlaces; readonly counter: Field },
): Code {
  const to = (field: { readonly offset: number }, from: { readonly offset: number }, length: number) =>
    copyField(field, from, length);
  return [
    to(reverse.source, tuple.destination, shape.addressLength),
    to(reverse.destination, tuple.source, shape.addressLength),
    to(reverse.sourcePort, tuple.destinationPort, 2),
    to(reverse.destinationPort, tuple.sourcePort, 2),
    to(reverse.protocol, tuple.protocol, 4),
    forget(maps, { map: maps[shape.family].replies, key: reverse.source, counter }),
  ];
}
