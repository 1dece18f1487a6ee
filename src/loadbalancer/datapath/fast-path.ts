import { asm, layout, type ProgramSpec, XDP } from 'nekube/bpf';
import { BACKEND_FLAG, MODE, SCOPE, SERVICE_FLAG } from '../maps/layouts.ts';
import { type Family, FAMILIES } from '../maps/address.ts';
import { type FamilyShape, L3, network16, SHAPES } from './family.ts';
import { goOn, stamp } from './flow-state.ts';
import { routeOf } from './fast-route.ts';
import { copy, inFrame } from './frame.ts';
import { commonMaps, type DatapathMaps, flowLayoutsOf } from './maps.ts';
import type { DatapathOptions } from './options.ts';
import { outerHeader } from './outer.ts';
import { address, count, countTraffic, lookup, mustBe, mustHave, NEXT, TCP_FLAG } from './parts.ts';
import { ifPathsKnown } from './path-size.ts';
import { pick } from './pick.ts';
import { backendInFrame } from './to-backend.ts';
import { frameOf, type RequestParts } from './request-frame.ts';
import { readTuple } from './tuples.ts';

const { add, at, call, exit, goto, jeq, jgt, jne, jset, label, load, mov, r0, r1, r10, r2, r3, r6, r7, r8, r9 } = asm;
const { store, storeImm, toBig } = asm;
type Code = asm.Code;

/** What the program is made for, beside what all are made for. */
export interface FastPathOptions extends DatapathOptions {
  /** The numbers of devices that take packets from a program of XDP: those that have one, natively, themselves. */
  readonly targets?: readonly number[];
}

/**
 * The program of XDP for the packets that come most: a request of TCP or UDP to a frontend of `dsr-ipip`, that fits, for a backend elsewhere,
 * is sent on before the kernel has made an skb of it, as `requestProgram` would send it. All else goes on to that as it came: what is
 * said of no packet here is said of it there.
 *
 * r6 is the context, r7 the packet, r8 its end, later the backend; r9 the service.
 */
export function fastPathProgram(maps: DatapathMaps, options: FastPathOptions): ProgramSpec {
  const families = FAMILIES.filter((family) => options.nodeAddresses[family] !== undefined);
  return {
    name: 'lb_fast',
    type: 'xdp',
    attachType: 'xdp',
    maps: [...commonMaps(maps), ...families.flatMap((family) => Object.values(maps[family]))],
    code: [
      mov(r6, r1),
      packet(),
      mustHave(L3),
      load(r2, r7, layout.Ethernet.at.type),
      families.map((family) => jeq(r2, network16(SHAPES[family].etherType), `IPv${family}`)),
      goto(NEXT),
      families.map((family) => [label(`IPv${family}`), ofItsOwn(`IPv${family} `, request(family, maps, options))]),
      label(NEXT),
      mov(r0, XDP.pass),
      exit(),
    ],
  };
}

/** Gives labels names that nothing else has, but for the end that all share. */
function ofItsOwn(prefix: string, code: Code): Code {
  const named = (name: string): string => (name === NEXT ? name : prefix + name);
  return [...asm.flatten(code)].map((one) => {
    if (asm.isLabel(one)) return { ...one, label: named(one.label) };
    return one.target === undefined ? one : { ...one, target: named(one.target) };
  });
}

function packet(): Code {
  return [load(r7, r6, layout.XdpMd.at.data), load(r8, r6, layout.XdpMd.at.dataEnd)];
}

function request(family: Family, maps: DatapathMaps, options: FastPathOptions): Code {
  const shape = SHAPES[family];
  const parts: RequestParts = { shape, maps, options, places: frameOf(shape).at };
  const { backend } = shape.layouts;
  return [
    parse(parts),
    service(parts),
    fits(parts),
    backendOf(parts),
    mov(r8, r0),
    // one on this node, or one that is reached in another way, is not for here
    load(r1, r8, backend.at.flags),
    asm.and(r1, ~BACKEND_FLAG.terminating & 0xff),
    jne(r1, 0, NEXT),
    backendInFrame(parts),
    outerHeader(parts, {
      ...{ family, protocol: shape.encapsulated, between: 0, id: 'port', source: 'spread' },
      destination: parts.places.backendAddress.offset,
    }),
    routeOf(parts, options.targets ?? []),
    encapsulate(parts),
    label('no backend'),
    goto(NEXT),
  ];
}

/** The packet's tuple, its flags, and the key of the service that it is for, in the frame. */
function parse({ shape, places: { tuple, flags, quote, service: key } }: RequestParts): Code {
  const { Tcp, PROTOCOL } = layout;
  const l4 = L3 + shape.headerLength;
  return [
    mustBe(shape, l4 + layout.Udp.size),
    storeImm(r10, flags, TCP_FLAG.ack),
    jeq(r3, PROTOCOL.udp, 'balanced'),
    jne(r3, PROTOCOL.tcp, NEXT),
    mustHave(l4 + Tcp.size),
    load(r2, r7, at(l4 + Tcp.at.flags.offset, 'u8')),
    store(r10, flags, r2),
    label('balanced'),
    readTuple(shape, tuple),
    storeImm(r10, quote, 0),
    fromElsewhere(shape, tuple.source.offset),
    store(r10, key.protocol, r3),
    storeImm(r10, key.scope, SCOPE.outside),
    address(shape, key.address.offset, 'destination'),
    load(r2, r10, tuple.destinationPort),
    store(r10, key.port, r2),
  ];
}

/** Packets of the loopback device's addresses are dropped elsewhere, and counted. Uses r1. */
function fromElsewhere({ family }: FamilyShape, source: number): Code {
  if (family === 4) return [load(r1, r10, at(source, 'u8')), jeq(r1, 127, NEXT)];
  const words = [0, 4, 8].map((word) => [load(r1, r10, at(source + word, 'u32')), jne(r1, 0, 'from elsewhere')]);
  return [words, goto(NEXT), label('from elsewhere')];
}

/** r9 = the service, of the mode that is served here, and of which nothing must be asked but its backend. */
function service({ shape, maps, places }: RequestParts): Code {
  const { mode, flags } = shape.layouts.service.at;
  return [
    lookup(maps[shape.family].services, places.service.address.offset),
    jeq(r0, 0, NEXT),
    mov(r9, r0),
    load(r1, r9, mode),
    jne(r1, MODE['dsr-ipip'], NEXT),
    load(r1, r9, flags),
    jset(r1, SERVICE_FLAG.hasSourceRanges, NEXT),
  ];
}

/** What does not fit with its outer header is answered elsewhere, before it has a backend. Uses r1. */
function fits({ shape, maps, options, places }: RequestParts): Code {
  const { Ipv4, Ipv6 } = layout;
  const field = shape.family === 4 ? Ipv4.at.totalLength : Ipv6.at.payloadLength;
  const own = shape.family === 4 ? 0 : Ipv6.size;
  return [
    load(r1, r7, at(L3 + field.offset, 'u16')),
    toBig(r1, 16),
    jgt(r1, options.mtu - shape.headerLength - own, NEXT),
    own === 0 ? [] : add(r1, own),
    store(r10, places.length, r1),
    // what a path takes is looked up elsewhere
    ifPathsKnown(maps, r1, places.counter, NEXT),
  ];
}

/** r0 = the backend that the flow has, or gets. The packet's pointers stay good. */
function backendOf(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const of = maps[shape.family];
  const flow = flowLayoutsOf(shape.family).flow.at;
  return [
    stamp(places.flow),
    lookup(of.flows, places.tuple.source.offset),
    jeq(r0, 0, 'new'),
    goOn(flow, places.flow.seen, places, options, 'new'),
    load(r1, r0, flow.backend),
    store(r10, places.backendId, r1),
    lookup(of.backends, places.backendId.offset),
    jne(r0, 0, 'known'),
    label('new'),
    pick(parts),
    // which has used their registers
    packet(),
    mustHave(L3 + shape.headerLength),
    label('known'),
  ];
}

/** Puts the headers that are in the frame before the packet, and sends it where its route leads. */
function encapsulate({ shape, maps, places }: RequestParts): Code {
  const { headerLength } = shape;
  const { fib, outer, counter } = places;
  return [
    mov(r1, r6),
    mov(r2, -headerLength),
    call('xdp_adjust_head'),
    jne(r0, 0, NEXT),
    packet(),
    mustHave(L3 + 2 * headerLength),
    // addresses of hardware stand the other way round there
    copy({ base: r7, offset: 0 }, { base: r10, offset: fib.offset + 58 }, 6, r2, 2),
    copy({ base: r7, offset: 6 }, { base: r10, offset: fib.offset + 52 }, 6, r2, 2),
    storeImm(r7, layout.Ethernet.at.type, network16(shape.etherType)),
    copy({ base: r7, offset: L3 }, inFrame(outer), headerLength, r2, 2),
    // as long as it came
    countTraffic(r9, shape.layouts.service.at.counter, maps, counter.offset, [
      mov(r2, r8),
      asm.sub(r2, r7),
      add(r2, -headerLength),
    ]),
    count('forwarded_ipip', maps, counter.offset),
    load(r1, r10, at(fib.offset + 8, 'u32')),
    load(r2, r6, layout.XdpMd.at.ingressIfindex),
    asm.jne(r1, r2, 'to another device'),
    mov(r0, XDP.tx),
    exit(),
    label('to another device'),
    mov(r2, 0),
    call('redirect'),
    exit(),
  ];
}
