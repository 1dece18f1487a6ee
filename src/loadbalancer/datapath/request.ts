import { asm, type ProgramSpec } from 'nekube/bpf';
import { BACKEND_FLAG, MODE, SCOPE, SERVICE_FLAG } from '../maps/layouts.ts';
import { SHAPES } from './family.ts';
import { copyField } from './frame.ts';
import { encapsulateGeneve } from './geneve.ts';
import { addressByOption } from './ip-option.ts';
import { encapsulate } from './ipip.ts';
import { report } from './events.ts';
import { goOn, stamp } from './flow-state.ts';
import { ifAboutGeneve, learnPathSize, TUNNEL } from './path-size.ts';
import { type ReadOptions, readPacket } from './read-packet.ts';
import { recordReply } from './record-reply.ts';
import { STRAYS, strays } from './strays.ts';
import { commonMaps, type DatapathMaps, flowLayoutsOf } from './maps.ts';
import type { DatapathOptions } from './options.ts';
import { count, countTraffic, drop, ends, lookup, NEXT, packet } from './parts.ts';
import { asInside, noMartian } from './scope.ts';
import { pick } from './pick.ts';
import { reject } from './reject.ts';
import { frameOf, repliesOf, type RequestParts } from './request-frame.ts';
import { translate, translateBack } from './snat.ts';
import { backendInFrame, rewriteToBackend } from './to-backend.ts';
import { answerTooBig } from './too-big.ts';
import { unlessQuote } from './tuples.ts';

const { goto, jeq, jset, label, load, mov, r0, r1, r10, r2, r6, r7, r8, r9, store, storeImm } = asm;
type Code = asm.Code;

/**
 * The program for what comes from the network to a node that takes requests: a packet to a frontend gets a backend and is sent there by
 * the Service's mode; a reply by SNAT goes back to its client. All else is left as it is.
 *
 * r6 is the context; r7 the packet, later its protocol; r8 the packet's end, later the backend; r9 the service.
 */
export function requestProgram(family: 4 | 6, maps: DatapathMaps, options: DatapathOptions): ProgramSpec {
  const shape = SHAPES[family];
  const parts = { shape, maps, options, places: frameOf(shape).at };
  return {
    name: `lb${family}_request`,
    type: 'sched_cls',
    attachType: 'tcx_ingress',
    maps: [...commonMaps(maps), ...Object.values(maps[family])],
    code: [
      mov(r6, r1),
      packet(),
      ...parse(parts, TUNNEL),
      ...service(parts, 'outside', [ifAboutGeneve(parts), translateBack(parts)]),
      ...dispatch(parts),
      strays(parts, { addsOptions: true }),
      learnPathSize(parts),
      report(shape, maps, parts.places),
      ends('drop', NEXT),
    ],
  };
}

/** The packet's tuple, and the key of the service that it is for, in the frame. */
export function parse({ shape, maps, places }: RequestParts, more: Partial<ReadOptions> = {}): Code[] {
  const { tuple, service: key } = places;
  return [
    readPacket(shape, maps, places, { ...STRAYS, ...more }),
    load(r2, r10, tuple.protocol),
    store(r10, key.protocol, r2),
    storeImm(r10, key.scope, SCOPE.outside),
    copyField(key.address, tuple.destination, shape.addressLength),
    load(r2, r10, tuple.destinationPort),
    store(r10, key.port, r2),
  ];
}

/**
 * r9 = the service as clients have it from there, r8 = the backend, and goes to `dispatch`. Packets that are for none of them go on with
 * `none`, where the packet is as it came, and must end there.
 */
export function service(parts: RequestParts, from: keyof typeof SCOPE, none: Code): Code[] {
  const { shape, maps, options, places } = parts;
  const of = maps[shape.family];
  const flow = flowLayoutsOf(shape.family).flow.at;
  const at_ = shape.layouts.service.at;
  return [
    lookup(of.services, places.service.address.offset),
    jeq(r0, 0, 'no service'),
    mov(r9, r0),
    from === 'inside' ? asInside(parts) : [],
    noMartian(parts),
    load(r1, r9, at_.flags),
    jset(r1, SERVICE_FLAG.hasSourceRanges, 'ranges'),
    label('let in'),
    storeImm(r10, places.isNew, 0),
    stamp(places.flow),
    lookup(of.flows, places.tuple.source.offset),
    jeq(r0, 0, 'new'),
    unlessQuote(places, goOn(flow, places.flow.seen, places, options, 'new')),
    load(r1, r0, flow.backend),
    store(r10, places.backendId, r1),
    lookup(of.backends, places.backendId.offset),
    asm.jne(r0, 0, 'known'),
    label('new'),
    storeImm(r10, places.isNew, 1),
    pick(parts),
    label('known'),
    mov(r8, r0),
    countTraffic(r9, at_.counter, maps, places.counter.offset),
    goto('dispatch'),
    label('no service'),
    none,
    label('ranges'),
    isLetIn(parts),
  ];
}

/** Whether the client is of the service's ranges. */
function isLetIn({ shape, maps, places }: RequestParts): Code {
  const { prefix, service: id, address: client } = places.range;
  return [
    storeImm(r10, prefix, 32 + 8 * shape.addressLength),
    load(r1, r9, shape.layouts.service.at.id),
    store(r10, id, r1),
    copyField(client, places.tuple.source, shape.addressLength),
    lookup(maps[shape.family].sourceRanges, prefix.offset),
    asm.jne(r0, 0, 'let in'),
    drop('drop_source_range', maps, places.counter.offset),
  ];
}

/** Sends the packet to the backend in r8, as the service in r9 says. */
function dispatch(parts: RequestParts): Code[] {
  const { shape, places } = parts;
  const { backend } = shape.layouts;
  return [
    label('dispatch'),
    backendInFrame(parts),
    load(r1, r8, backend.at.flags),
    load(r2, r9, shape.layouts.service.at.mode),
    load(r7, r10, places.tuple.protocol),
    jset(r1, BACKEND_FLAG.local, 'local'),
    jeq(r2, MODE['dsr-ipip'], 'ipip'),
    jeq(r2, MODE['dsr-geneve'], 'geneve'),
    jeq(r2, MODE['dsr-ipopt'], 'ipopt'),
    translate(parts),
    label('ipip'),
    encapsulate(parts),
    label('geneve'),
    encapsulateGeneve(parts),
    label('ipopt'),
    addressByOption(parts),
    label('local'),
    toPodHere(parts),
    noBackend(parts),
    answerTooBig(parts),
    label('no room'),
    drop('error_adjust_room', parts.maps, places.counter.offset),
  ];
}

/** What becomes of a packet to a service that has no backend. */
export function noBackend(parts: RequestParts): Code {
  return [label('no backend'), reject(parts)];
}

/** A backend on this node gets the packet with its own address and port; its replies get the frontend's as they leave. */
function toPodHere(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  return [
    recordReply(
      shape,
      maps,
      repliesOf(places),
      { address: places.backendAddress, port: places.backendPort },
      { options },
    ),
    rewriteToBackend(parts),
    count('forwarded_local', maps, places.counter.offset),
    goto(NEXT),
  ];
}
