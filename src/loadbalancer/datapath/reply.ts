import { asm, type ProgramSpec } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import { clampSegments } from './clamp.ts';
import { type FamilyShape, SHAPES } from './family.ts';
import { touch } from './flow-state.ts';
import { copy, inFrame } from './frame.ts';
import { commonMaps, type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { type NodeFrame, nodeFrame, nodeHeaders } from './node-frame.ts';
import type { DatapathOptions } from './options.ts';
import { count, ends, lookup, NEXT, packet } from './parts.ts';
import { readPacket } from './read-packet.ts';
import { rewrite } from './rewrite.ts';
import { unlessQuote } from './tuples.ts';

const { goto, jeq, label, load, mov, r0, r1, r10, r2, r6, r8 } = asm;
type Code = asm.Code;

/**
 * The program for what leaves a node with pods: a pod's reply to a client gets the address and port of the frontend that the client
 * asked, after the kernel has routed it, which so sees only the pod and the client. All else is left as it is.
 */
export function replyProgram(family: Family, maps: DatapathMaps, options?: DatapathOptions): ProgramSpec {
  const shape = SHAPES[family];
  const places = nodeFrame(shape);
  const { tuple, reply, counter } = places;
  const layouts = flowLayoutsOf(family);
  return {
    name: `lb${family}_reply`,
    type: 'sched_cls',
    attachType: 'tcx_egress',
    maps: [...commonMaps(maps), ...Object.values(maps[family])],
    code: [
      mov(r6, r1),
      packet(),
      readPacket(shape, maps, places, { late: NEXT, deep: NEXT }),
      lookup(maps[family].replies, tuple.source.offset),
      jeq(r0, 0, NEXT),
      copy(inFrame(reply.address), { base: r0, offset: 0 }, layouts.reply.size, r2),
      unlessQuote(places, touch(layouts.reply.at, places, 'alone')),
      options === undefined ? [] : clampSegments(shape, maps, places, options),
      load(r8, r10, tuple.protocol),
      rewrite(shape, r8, { which: 'source', to: reply }, nodeHeaders(places)),
      toOwnPort(shape, places),
      count('replied_direct', maps, counter.offset),
      goto(NEXT),
      ends(NEXT),
    ],
  };
}

/** A client for whose port another stood to the pod gets its own. r8 is the protocol. */
function toOwnPort(shape: FamilyShape, places: NodeFrame): Code {
  const { tuple, reply } = places;
  return [
    load(r1, r10, reply.clientPort),
    load(r2, r10, tuple.destinationPort),
    jeq(r1, r2, 'own port'),
    rewrite(shape, r8, { which: 'destination', to: { port: reply.clientPort } }, nodeHeaders(places)),
    label('own port'),
  ];
}
