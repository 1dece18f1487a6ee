import { asm, layout } from 'nekube/bpf';
import { TARGET_PORT_FLAG } from '../maps/layouts.ts';
import type { FamilyShape } from './family.ts';
import { clear, copy, copyField, frame, inFrame } from './frame.ts';
import { type CounterName, type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { address, drop, lookup, NEXT, unique } from './parts.ts';
import { PACKET_FIELDS } from './read-packet.ts';
import type { ReplyPlaces } from './record-reply.ts';
import type { HeaderPlaces } from './rewrite.ts';

const { add, at, goto, jeq, jne, jset, label, load, mov, r0, r1, r10, r2, r3, r7, r9, store, storeImm } = asm;
type Code = asm.Code;

/**
 * What the programs of a node with pods keep on their stack: of a packet of one family, which may be within one of the other. What is of
 * the outer one stands at the same place for all that is within.
 */
export function nodeFrame(outer: FamilyShape, inner = outer) {
  const { tuple, reply, pieceKey, port } = flowLayoutsOf(inner.family);
  return frame(
    {
      tunnel: flowLayoutsOf(outer.family).tunnelSourceKey,
      counter: layout.u32,
      port: layout.be16,
      carried: layout.be16,
      /** An IP header that is read, or made anew. */
      header: layout.bytes(40, 4),
      ...PACKET_FIELDS,
      part: layout.bytes(8, 4),
      cut: layout.u32,
    },
    {
      /** Of the packet that is within, or of what a pod sends. */
      tuple,
      reverse: tuple,
      target: inner.layouts.targetPortKey,
      reply,
      standIn: port,
      piece: pieceKey,
    },
  ).at;
}

/** Where it has what is known of a packet's headers. */
export function nodeHeaders({ tuple, l4, quote, piece }: NodeFrame): HeaderPlaces {
  // which has been read already
  return { tuple, l4, quote, former: piece.source };
}

/** Where it has what a reply is remembered with. */
export function nodeReplies(places: NodeFrame): ReplyPlaces {
  const { reverse, reply, standIn, flags, counter } = places;
  return { ...nodeHeaders(places), reverse, reply, standIn, flags, counter };
}

/** The places of headers once the packet is shorter by so much. Uses r1. */
export function nearer(places: NodeFrame, bytes: number): Code {
  return [places.l4, places.quote].map((place) => {
    const none = `nearer ${unique()}`;
    return [load(r1, r10, place), jeq(r1, 0, none), add(r1, -bytes), store(r10, place, r1), label(none)];
  });
}

/** The frame of those programs. */
export type NodeFrame = ReturnType<typeof nodeFrame>;

/**
 * r9 = 0 if tunnels are not taken from where the packet at r7 comes from: they are from other nodes only, since anybody could send a packet
 * within another.
 */
export function isFromTunnel(outer: FamilyShape, maps: DatapathMaps, { tunnel }: Pick<NodeFrame, 'tunnel'>): Code {
  return [
    storeImm(r10, tunnel.prefix, 8 * outer.addressLength),
    address(outer, tunnel.address.offset, 'source'),
    lookup(maps[outer.family].tunnelSources, tunnel.prefix.offset),
    mov(r9, r0),
  ];
}

/**
 * The key of the port that a packet is for which is addressed to a pod already, and has its frontend in an option, at these places behind
 * r7. Afterwards its tuple is that of the client and the frontend, and the pod's port is in the frame. Uses r2 and r3.
 */
export function readTarget(
  { addressLength }: FamilyShape,
  { tuple, target, port }: NodeFrame,
  frontend: { readonly address: number; readonly port: number },
): Code {
  return [
    load(r3, r10, tuple.protocol),
    storeImm(r10, at(target.protocol.offset, 'u32'), 0),
    storeImm(r10, target.carried, 0),
    store(r10, target.protocol, r3),
    copy(inFrame(target.frontend), { base: r7, offset: frontend.address }, addressLength, r2),
    copy(inFrame(target.port), { base: r7, offset: frontend.port }, 2, r2),
    copyField(target.pod, tuple.destination, addressLength),
    copyField(port, tuple.destinationPort, 2),
    copyField(tuple.destination, target.frontend, addressLength),
    copyField(tuple.destinationPort, target.port, 2),
  ];
}

/**
 * r0 = what the frontend on the pod means, whose key is in the frame; a packet for what is no frontend is somebody else's, and left
 * alone. The key's frontend is zeros behind it where it is a node port, which may be of the node that sent the packet.
 */
export function findTarget({ family, addressLength }: FamilyShape, maps: DatapathMaps, { target }: NodeFrame): Code {
  const { targetPorts } = maps[family];
  const found = `target ${unique()}`;
  return [
    lookup(targetPorts, target.frontend.offset),
    jne(r0, 0, found),
    clear(r10, target.frontend.offset, addressLength),
    lookup(targetPorts, target.frontend.offset),
    jeq(r0, 0, NEXT),
    label(found),
  ];
}

/**
 * Goes on if the port in the frame is one that the frontend has on the pod, whose key is there (see `findTarget`); a packet for another
 * port is dropped. `r9` is 0 if it comes from where tunnels are not taken from.
 */
export function mustBeTarget(
  shape: FamilyShape,
  maps: DatapathMaps,
  places: NodeFrame,
  { name, isTunnel, ends = '' }: { readonly name: string; readonly isTunnel: boolean; readonly ends?: string },
): Code {
  const value = shape.layouts.targetPort.at;
  const { target, port } = places;
  return [
    findTarget(shape, maps, places),
    isTunnel ? jeq(r9, 0, `foreign${ends}`) : [],
    load(r1, r0, value.flags),
    jset(r1, TARGET_PORT_FLAG.ambiguous, `${name}: one of several`),
    load(r1, r0, value.port),
    load(r2, r10, port),
    asm.jeq(r1, r2, `${name}: right`),
    goto(`no such port${ends}`),
    label(`${name}: one of several`),
    copyField(target.carried, port, 2),
    lookup(maps[shape.family].targetPorts, target.frontend.offset),
    jeq(r0, 0, `no such port${ends}`),
    label(`${name}: right`),
  ];
}

/** Where packets are dropped, by labels with an ending where they are within one of the other family. */
export function dropsOf({ family }: FamilyShape, maps: DatapathMaps, { counter }: NodeFrame, ends = ''): Code {
  const dropAt = (name: string, why: CounterName) => [
    label(`${name}${ends}`),
    drop(why, maps, counter.offset, `report${ends}`),
  ];
  return [
    dropAt('foreign', 'drop_tunnel_source'),
    dropAt('no such port', 'drop_no_target_port'),
    dropAt('no room', 'error_adjust_room'),
    dropAt('late piece', 'drop_late_piece'),
    // only headers of IPv6 are counted
    family === 6 ? dropAt('too deep', 'drop_extensions') : [],
  ];
}
