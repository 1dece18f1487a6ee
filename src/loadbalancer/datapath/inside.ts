import { asm, layout, type ProgramSpec } from 'nekube/bpf';
import { addressBytes, type Family, familyOf } from '../maps/address.ts';
import { L3, SHAPES } from './family.ts';
import { addressOf, copy, copyField, ifDiffer, ifNot, inFrame, wordsOf } from './frame.ts';
import { report } from './events.ts';
import { commonMaps, type CounterName, type DatapathMaps } from './maps.ts';
import { type DatapathOptions, HAIRPIN_ADDRESSES } from './options.ts';
import { count, ends, mustHave, NEXT, packet, redirectBack, TCP_FLAG } from './parts.ts';
import { noBackend, parse, service } from './request.ts';
import { backendInFrame, rewriteToBackend } from './to-backend.ts';
import { recordReply } from './record-reply.ts';
import { frameOf, repliesOf, type RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';
import { standBack, standIn } from './snat.ts';
import { strays } from './strays.ts';
import { forgetReply, unlessQuote } from './tuples.ts';

const { and, at, call, exit, goto, jne, label, load, mov, r1, r10, r2, r3, r4, r6, r7, storeImm } = asm;
type Code = asm.Code;

/** What `redirect_neigh` is told of the next hop: its family, and its address. */
const NEXT_HOP_BYTES = 20;

/**
 * The program for what a pod sends, at its device on the node's side: a packet to a frontend gets a backend's address and port, whatever
 * the Service's mode is, and goes on its way; what comes back gets the frontend's by the reply program at the same device. All else is
 * left as it is.
 *
 * A pod that is given itself would not take its own packets for answers: it is told that an address nobody has asked.
 *
 * r6 is the context; r7 the packet, later its protocol; r8 the packet's end, later the backend; r9 the service.
 */
export function insideProgram(family: Family, maps: DatapathMaps, options: DatapathOptions): ProgramSpec {
  const shape = SHAPES[family];
  const parts = { shape, maps, options, places: frameOf(shape).at };
  return {
    name: `lb${family}_inside`,
    type: 'sched_cls',
    attachType: 'tcx_ingress',
    maps: [...commonMaps(maps), ...Object.values(maps[family])],
    code: [
      mov(r6, r1),
      packet(),
      ...parse(parts),
      ...service(parts, 'inside', forNoService(parts)),
      dispatch(parts),
      strays(parts, { addsOptions: false }),
      report(shape, maps, parts.places),
      ends('drop', NEXT),
    ],
  };
}

/** Sends the packet to the backend in r8. */
function dispatch(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const { tuple, backendAddress, backendPort } = places;
  return [
    label('dispatch'),
    backendInFrame(parts),
    load(r7, r10, tuple.protocol),
    ifDiffer(inFrame(tuple.source), inFrame(backendAddress), shape.addressLength, 'to another'),
    standIn(parts, hairpinAddress(parts)),
    sendBack(parts, 'forwarded_hairpin'),
    label('to another'),
    recordReply(shape, maps, repliesOf(places), { address: backendAddress, port: backendPort }, { options }),
    rewriteToBackend(parts),
    count('forwarded_inside', maps, places.counter.offset),
    onward(parts),
    noBackend(parts),
  ];
}

/** To the kernel, which routes it; or out by the bridge that joins the pods. */
function onward({ shape, options, places }: RequestParts): Code {
  const { device, ranges = [] } = options.podBridge ?? {};
  const range = ranges.find((one) => familyOf(one) === shape.family);
  if (device === undefined || range === undefined) return goto(NEXT);
  const hop = places.fib.offset;
  return [
    mustBeWithin(range, places.backendAddress.offset),
    storeImm(r10, at(hop, 'u32'), shape.addressFamily),
    shape.family === 4 ? [8, 12, 16].map((word) => storeImm(r10, at(hop + word, 'u32'), 0)) : [],
    copyField({ offset: hop + 4 }, places.backendAddress, shape.addressLength),
    mov(r1, device),
    addressOf(r2, hop),
    mov(r3, NEXT_HOP_BYTES),
    mov(r4, 0),
    call('redirect_neigh'),
    exit(),
  ];
}

/** What a pod answers to itself goes back to it; all else is not ours. */
function forNoService(parts: RequestParts): Code {
  const { places } = parts;
  return [
    ifNot(places.tuple.destination.offset, addressBytes(hairpinAddress(parts)), 'not itself'),
    standBack(parts, 'not itself'),
    sendBack(parts, 'replied_hairpin'),
    label('not itself'),
    unlessQuote(places, forget(parts)),
    goto(NEXT),
  ];
}

/**
 * What a pod sends to another without a Service is answered by that as it is, though both have spoken by a Service before, from the same
 * ports: a new connection forgets what is remembered of the old one.
 */
function forget({ shape, maps, places }: RequestParts): Code {
  return [
    load(r1, r10, places.tuple.protocol),
    jne(r1, layout.PROTOCOL.tcp, 'forget'),
    load(r1, r10, places.flags),
    and(r1, TCP_FLAG.syn | TCP_FLAG.ack),
    jne(r1, TCP_FLAG.syn, NEXT),
    label('forget'),
    forgetReply(shape, maps, places),
  ];
}

/** Sends the packet out by the device that it came by, to who sent it, and counts it. */
function sendBack({ maps, places }: RequestParts, counter: CounterName): Code {
  const { macs } = places;
  return [
    count(counter, maps, places.counter.offset),
    packet(),
    mustHave(L3, 'drop'),
    copy(inFrame(macs), { base: r7, offset: 6 }, 6, r2, 2),
    copy({ base: r10, offset: macs.offset + 6 }, { base: r7, offset: 0 }, 6, r2, 2),
    storeBytes(0, macs.offset, 12),
    redirectBack(layout.SkBuff.at.ifindex),
  ];
}

function hairpinAddress({ shape, options }: RequestParts): string {
  return options.hairpinAddresses?.[shape.family] ?? HAIRPIN_ADDRESSES[shape.family];
}

/** Goes on if the address in the frame is within a range, and leaves the packet if not. Uses r1. */
function mustBeWithin(range: string, address: number): Code {
  const [base = '', length = ''] = range.split('/');
  const bytes = addressBytes(base);
  const mask = bytes.map((_, i) => 0xff & ~(0xff >> Math.max(0, Math.min(8, Number(length) - 8 * i))));
  const masks = wordsOf(mask);
  const wanted = wordsOf(bytes.map((byte, i) => byte & (mask[i] as number)));
  return wanted.map((word, i) => [
    load(r1, r10, at(address + 4 * i, 'u32')),
    asm.and32(r1, masks[i] as number),
    asm.jne32(r1, word, NEXT),
  ]);
}
