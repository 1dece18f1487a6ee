import { asm, layout, type ProgramSpec } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import { TARGET_PORT_FLAG } from '../maps/layouts.ts';
import { type FamilyShape, L3, SHAPES } from './family.ts';
import { report } from './events.ts';
import { copy, copyField } from './frame.ts';
import { commonMaps, type DatapathMaps } from './maps.ts';
import { address, count, ends, lookup, mustBe, mustHave, NEXT, packet, TCP_FLAG } from './parts.ts';
import { takeFromGeneve } from './node-geneve.ts';
import {
  dropsOf,
  findTarget,
  isFromTunnel,
  nearer,
  type NodeFrame,
  nodeFrame,
  nodeHeaders,
  nodeReplies,
} from './node-frame.ts';
import { takeOption } from './node-option.ts';
import type { DatapathOptions } from './options.ts';
import { rewrite } from './rewrite.ts';
import { takeRoomBefore } from './room.ts';
import { recordReply } from './record-reply.ts';
import { readPacket } from './read-packet.ts';
import { forgetReply, readTuple } from './tuples.ts';

const { at, goto, jeq, jne, jset, label, load, mov, r0, r1, r10, r2, r3, r6, r7, r8, r9, store, storeImm } = asm;
type Code = asm.Code;

/**
 * The program for what comes from the network to a node with pods: a packet within an outer header to a pod here is taken out, gets the
 * pod's address and port, and goes on to it; so does one in Geneve, or with an option, that has them already. All else is left as it is.
 *
 * r6 is the context, r7 the packet, r8 its end, later the protocol.
 */
export function decapsulationProgram(family: Family, maps: DatapathMaps, options: DatapathOptions): ProgramSpec {
  const shape = SHAPES[family];
  const places = nodeFrame(shape);
  return {
    name: `lb${family}_take_out`,
    type: 'sched_cls',
    attachType: 'tcx_ingress',
    maps: [...commonMaps(maps), ...Object.values(maps[4]), ...Object.values(maps[6])],
    code: [
      mov(r6, r1),
      packet(),
      takeOption(shape, maps, options, places, 'no option'),
      label('no option'),
      parse(shape, maps, places),
      isFromTunnel(shape, maps, places),
      targetPort(shape, maps, places),
      takeOut(shape, maps, options, places),
      label('no tunnel'),
      forgetIfNew(shape, maps, places),
      takeFromGeneve(shape, maps, options),
      straysWithin(shape, maps, places),
      dropsOf(shape, maps, places),
      report(shape, maps, places),
      ends('drop', NEXT),
    ],
  };
}

/** The inner packet's tuple, and the key of the port that it is for. */
function parse(shape: FamilyShape, maps: DatapathMaps, places: NodeFrame): Code {
  const { tuple, target, carried } = places;
  const inner = L3 + shape.headerLength;
  return [
    mustBe(shape, inner),
    jne(r3, shape.encapsulated, 'no tunnel'),
    readPacket(shape, maps, places, { header: inner, late: 'late within', deep: 'deep within' }),
    load(r2, r10, tuple.destinationPort),
    load(r3, r10, tuple.protocol),
    storeImm(r10, at(target.protocol.offset, 'u32'), 0),
    storeImm(r10, target.carried, 0),
    store(r10, target.protocol, r3),
    store(r10, target.port, r2),
    copyField(target.frontend, tuple.destination, shape.addressLength),
    address(shape, target.pod.offset, 'destination'),
    carriedPort(shape, carried.offset),
  ];
}

/**
 * What comes to a pod without a Service is answered by it as it is, though the client has spoken with it by one before, from the same port: a
 * new connection forgets that, and so does every datagram. r7 is the packet, r8 its end, r3 the protocol, also afterwards.
 */
function forgetIfNew(shape: FamilyShape, maps: DatapathMaps, places: NodeFrame): Code {
  const l4 = L3 + shape.headerLength;
  const { PROTOCOL, Tcp, Udp } = layout;
  return [
    jeq(r3, PROTOCOL.udp, 'datagram'),
    jne(r3, PROTOCOL.tcp, NEXT),
    mustHave(l4 + Tcp.size),
    load(r2, r7, at(l4 + Tcp.at.flags.offset, 'u8')),
    asm.and(r2, TCP_FLAG.syn | TCP_FLAG.ack),
    jne(r2, TCP_FLAG.syn, NEXT),
    label('datagram'),
    mustHave(l4 + Udp.size),
    readTuple(shape, places.tuple),
    forgetReply(shape, maps, places),
    load(r3, r10, places.tuple.protocol),
  ];
}

/** What is for no frontend's address is somebody else's, whatever it is within. */
function straysWithin(shape: FamilyShape, maps: DatapathMaps, { tuple }: NodeFrame): Code {
  const strays = { 'late within': 'late piece', ...(shape.family === 6 && { 'deep within': 'too deep' }) };
  return Object.entries(strays).map(([from, to]) => [
    label(from),
    lookup(maps[shape.family].addresses, tuple.destination.offset),
    jeq(r0, 0, NEXT),
    goto(to),
  ]);
}

/** The port that the outer header carries. */
function carriedPort({ family }: FamilyShape, to: number): Code {
  const from = family === 4 ? layout.Ipv4.at.id.offset : layout.Ipv6.at.source.offset + 14;
  return copy({ base: r10, offset: to }, { base: r7, offset: L3 + from }, 2, r2);
}

/** The pod's port: by the frontend, or if that has several on this pod by the port that the packet carries. */
function targetPort(shape: FamilyShape, maps: DatapathMaps, places: NodeFrame): Code {
  const value = shape.layouts.targetPort.at;
  const { target, port, carried, counter } = places;
  // the map counts, and that nodes do not agree is told
  const compare = [
    load(r1, r10, carried),
    jeq(r1, 0, 'target'),
    jeq(r1, r2, 'target'),
    count('tunnel_other_port', maps, counter.offset),
  ];
  return [
    findTarget(shape, maps, places),
    jeq(r9, 0, 'foreign'),
    load(r2, r0, value.port),
    load(r1, r0, value.flags),
    jset(r1, TARGET_PORT_FLAG.ambiguous, 'carried'),
    store(r10, port, r2),
    // of IPv6 it is there only where a node's addresses are given for it
    shape.family === 4 ? compare : [],
    goto('target'),
    label('carried'),
    // anybody may have written it: it counts only where it is a port of a backend here
    copyField(target.carried, carried, 2),
    lookup(maps[shape.family].targetPorts, target.frontend.offset),
    jeq(r0, 0, 'no such port'),
    copyField(port, carried, 2),
    label('target'),
  ];
}

/** Strips the outer header, gives the packet the pod's address and port, and remembers the frontend for the replies. */
function takeOut(shape: FamilyShape, maps: DatapathMaps, options: DatapathOptions, places: NodeFrame): Code {
  const { tuple, target, port, counter } = places;
  return [
    takeRoomBefore(shape.family, shape.headerLength),
    nearer(places, shape.headerLength),
    load(r8, r10, tuple.protocol),
    rewrite(shape, r8, { which: 'destination', to: { address: target.pod, port } }, nodeHeaders(places)),
    recordReply(shape, maps, nodeReplies(places), { address: target.pod, port }, { options }),
    count('decapsulated', maps, counter.offset),
    goto(NEXT),
  ];
}
