import { asm, layout } from 'nekube/bpf';
import { answerError } from './answer.ts';
import { L3, network16 } from './family.ts';
import { drop, packetLength, unique } from './parts.ts';
import { loadBehind } from './read-packet.ts';
import type { RequestParts } from './request-frame.ts';

const { add, at, jeq, jle, jne, label, load, r1, r10, r2, r6, rsh, store, storeImm } = asm;
type Code = asm.Code;

/**
 * Goes on if a packet fits on its way when it is larger by `overhead` bytes, and to `too big` if not. A packet of several segments is
 * judged by one of them. r7 is the packet with its headers in reach. Uses r1 to r3.
 */
export function mustFit({ shape, options, places }: RequestParts, overhead: number): Code {
  const id = unique();
  const name = (what: string) => `${what} ${id}`;
  const { PROTOCOL, Tcp } = layout;
  return [
    load(r1, r6, layout.SkBuff.at.gsoSize),
    jeq(r1, 0, name('one segment')),
    load(r2, r10, places.l4),
    add(r1, -L3),
    add(r1, r2),
    load(r2, r10, places.tuple.protocol),
    jeq(r2, PROTOCOL.tcp, name('segments of TCP')),
    add(r1, layout.Udp.size),
    asm.goto(name('measured')),
    label(name('segments of TCP')),
    store(r10, at(places.counter.offset, 'u32'), r1),
    loadBehind(places.l4, Tcp.at.dataOffset.offset, places.fitting.offset, 1),
    load(r1, r10, at(places.counter.offset, 'u32')),
    load(r2, r10, at(places.fitting.offset, 'u8')),
    rsh(r2, 4),
    asm.lsh(r2, 2),
    add(r1, r2),
    asm.goto(name('measured')),
    label(name('one segment')),
    packetLength(shape, r1),
    label(name('measured')),
    store(r10, places.length, r1),
    jle(r1, options.mtu - overhead, name('fits')),
    storeImm(r10, places.fitting, network16(options.mtu - overhead)),
    asm.goto('too big'),
    label(name('fits')),
  ];
}

/**
 * Tells a client that its packet is too big for the way to the backend, and how large one may be, which is in the frame (RFC 1191,
 * RFC 8201). The answer comes from the frontend, and has within it the packet that the client sent, not what has become of it. Also who
 * lets its packets be cut into pieces is told, and then cuts them itself. The packet must still be as it came. An error of ICMP is answered
 * by none.
 */
export function answerTooBig(parts: RequestParts): Code {
  const { shape, maps, places } = parts;
  const error = shape.family === 4 ? { type: 3, code: 4 } : { type: 2, code: 0 };
  return [
    label('too big'),
    load(r1, r10, places.quote),
    jne(r1, 0, 'untold'),
    answerError(parts, { ...error, mtu: 'fitting', counter: 'told_too_big' }),
    label('untold'),
    drop('drop_too_big', maps, places.counter.offset),
  ];
}
