import { asm, layout } from 'nekube/bpf';
import { SERVICE_FLAG } from '../maps/layouts.ts';
import { answerError, ipHeader, sendAnswer, withPseudoHeader } from './answer.ts';
import { L3 } from './family.ts';
import { addressOf } from './frame.ts';
import { drop, TCP_FLAG } from './parts.ts';
import type { RequestParts } from './request-frame.ts';

const {
  add,
  and,
  at,
  call,
  goto,
  jeq,
  jne,
  jset,
  label,
  load,
  mov,
  r0,
  r1,
  r10,
  r2,
  r3,
  r4,
  r6,
  r9,
  rsh,
  store,
  storeImm,
  sub,
  toBig,
} = asm;
type Code = asm.Code;

/** Ports of what nobody listens on are unreachable. */
const PORT_UNREACHABLE = { 4: { type: 3, code: 3 }, 6: { type: 1, code: 4 } } as const;

/**
 * Tells a client that nobody listens, from the frontend: with a reset of TCP, or else with an error of ICMP. Where other nodes have
 * backends, or to a reset itself, nothing is told. r9 is the service. Ends the program.
 */
export function reject(parts: RequestParts): Code {
  const { shape, maps, places } = parts;
  return [
    load(r1, r9, shape.layouts.service.at.flags),
    jset(r1, SERVICE_FLAG.dropsWhenEmpty, 'silence'),
    load(r1, r10, places.quote),
    jne(r1, 0, 'silence'),
    // of a packet in pieces the first one is answered
    load(r1, r10, places.l4),
    jeq(r1, 0, 'silence'),
    load(r1, r10, places.tuple.protocol),
    jeq(r1, layout.PROTOCOL.tcp, 'reset'),
    answerError(parts, { ...PORT_UNREACHABLE[shape.family], counter: 'rejected' }),
    label('reset'),
    reset(parts),
    label('silence'),
    drop('drop_no_backend', maps, places.counter.offset),
  ];
}

/** A reset in answer to the segment (RFC 9293, 3.10.7.1). */
function reset(parts: RequestParts): Code {
  const { shape, places } = parts;
  const { Tcp, PROTOCOL } = layout;
  const answer = Tcp.within(places.answer.offset + shape.headerLength);
  // behind the answer, which is shorter than one that quotes
  const segment = Tcp.within(places.answer.offset + shape.headerLength + Tcp.size);
  return [
    mov(r1, r6),
    load(r2, r10, places.l4),
    addressOf(r3, segment.source.offset),
    mov(r4, Tcp.size),
    call('skb_load_bytes'),
    jne(r0, 0, 'silence'),
    load(r1, r10, segment.flags),
    jset(r1, TCP_FLAG.rst, 'silence'),
    load(r2, r10, segment.destination),
    store(r10, answer.source, r2),
    load(r2, r10, segment.source),
    store(r10, answer.destination, r2),
    storeImm(r10, answer.sequence, 0),
    storeImm(r10, answer.acknowledgment, 0),
    storeImm(r10, answer.dataOffset, 0x50),
    storeImm(r10, answer.window, 0),
    storeImm(r10, answer.checksum, 0),
    storeImm(r10, answer.urgent, 0),
    jset(r1, TCP_FLAG.ack, 'reset by number'),
    acknowledge(parts, segment, answer.acknowledgment),
    storeImm(r10, answer.flags, TCP_FLAG.rst | TCP_FLAG.ack),
    goto('reset it'),
    label('reset by number'),
    load(r2, r10, segment.acknowledgment),
    store(r10, answer.sequence, r2),
    storeImm(r10, answer.flags, TCP_FLAG.rst),
    label('reset it'),
    ipHeader(parts, PROTOCOL.tcp, Tcp.size),
    withPseudoHeader(parts, PROTOCOL.tcp, Tcp.size),
    store(r10, answer.checksum, r1),
    sendAnswer(parts, shape.headerLength + Tcp.size, 'rejected'),
  ];
}

/** All that the segment has: its bytes, and one for each of SYN and FIN. */
function acknowledge({ shape, places }: RequestParts, segment: typeof layout.Tcp.at, to: asm.Place): Code {
  const isFour = shape.family === 4;
  const lengthField = isFour ? layout.Ipv4.at.totalLength.offset : layout.Ipv6.at.payloadLength.offset;
  const length = places.answer.offset;
  const one = (flag: number, bit: number): Code => [
    load(r2, r10, segment.flags),
    and(r2, flag),
    rsh(r2, bit),
    add(r1, r2),
  ];
  return [
    mov(r1, r6),
    mov(r2, L3 + lengthField),
    addressOf(r3, length),
    mov(r4, 2),
    call('skb_load_bytes'),
    jne(r0, 0, 'silence'),
    load(r1, r10, at(length, 'u16')),
    toBig(r1, 16),
    add(r1, isFour ? L3 : L3 + shape.headerLength),
    load(r2, r10, places.l4),
    sub(r1, r2),
    load(r2, r10, segment.dataOffset),
    rsh(r2, 4),
    asm.lsh(r2, 2),
    sub(r1, r2),
    one(TCP_FLAG.syn, 1),
    one(TCP_FLAG.fin, 0),
    load(r2, r10, segment.sequence),
    toBig(r2, 32),
    add(r1, r2),
    toBig(r1, 32),
    store(r10, to, r1),
  ];
}
