import { asm, layout } from 'nekube/bpf';
import { DEFAULT_TIMEOUTS, type DatapathOptions, type FlowTimeouts } from './options.ts';
import { TCP_FLAG, unique } from './parts.ts';

const { and, call, goto, jeq, jgt, jne, jset, label, load, mov, or, r0, r1, r10, r2, r3, r4, r8, store, storeImm } =
  asm;
type Code = asm.Code;

/** Of most kernels, and of the interpreter. */
export const JIFFIES = 250;

/** What is remembered of how far a flow is. */
export const STATE_FIELDS = {
  /** When its last packet came, in jiffies: the kernel's JIT reads these with no call, which nanoseconds take 15 of. */
  seen: layout.u32,
  /** Bits of `FLOW_STATE`; 0: it has only begun. */
  state: layout.u32,
} as const;

/** How far a flow is. One that both have ended is over. */
export const FLOW_STATE = { established: 1, endedByClient: 2, endedByBackend: 4 } as const;
const OVER = FLOW_STATE.endedByClient | FLOW_STATE.endedByBackend;

/** A flow of TCP whose end may not be seen is taken to be over, where another begins, when it was quiet for so many seconds. */
export const QUIET = 600;

/** Where these stand in an entry. */
export type StatePlaces = layout.Places<typeof STATE_FIELDS>;

/** r0 = the time. */
function tick(): Code {
  return call('jiffies64');
}

/** What is known of a packet, in the frame. */
interface PacketPlaces {
  readonly tuple: { readonly protocol: asm.Place };
  readonly flags: asm.Place;
}

/** The time, in the frame. Uses r0 to r5. */
export function stamp({ seen }: Pick<StatePlaces, 'seen'>): Code {
  return [tick(), store(r10, seen, r0)];
}

/** A new flow's state, in the frame: what of TCP begins with anything else than a SYN was established elsewhere. Uses r1. */
export function open({ state }: StatePlaces, { tuple, flags }: PacketPlaces): Code {
  const opening = `opening ${unique()}`;
  return [
    storeImm(r10, state, 0),
    load(r1, r10, tuple.protocol),
    jne(r1, layout.PROTOCOL.tcp, opening),
    load(r1, r10, flags),
    jset(r1, TCP_FLAG.syn, opening),
    storeImm(r10, state, FLOW_STATE.established),
    label(opening),
  ];
}

/** Both. Uses r0 to r5. */
export function begin(places: StatePlaces, packet: PacketPlaces): Code {
  return [stamp(places), open(places, packet)];
}

/**
 * A client's packet has come of the flow whose entry is at r0, of which nothing else is seen here; the time is in the frame (`stamp`). Goes
 * to a label if it begins another: a SYN after the client has ended it, or after it was quiet, and a datagram after it was past. What
 * belongs to no beginning is of the flow that there was, however long ago. Uses r1 to r4.
 */
export function goOn(
  { seen, state }: StatePlaces,
  now: asm.Place,
  { tuple, flags }: PacketPlaces,
  options: DatapathOptions,
  anew: string,
): Code {
  const id = unique();
  const name = (what: string): string => `${what} goes on ${id}`;
  const limits = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const ifQuiet = (limit: Code): Code => [limit, load(r4, r0, seen), asm.sub32(r1, r4), jgt(r1, r3, anew)];
  return [
    load(r2, r0, state),
    load(r3, r10, flags),
    load(r1, r10, tuple.protocol),
    jne(r1, layout.PROTOCOL.tcp, name('datagram')),
    load(r1, r10, now),
    jset(r3, TCP_FLAG.fin | TCP_FLAG.syn | TCP_FLAG.rst, name('flagged')),
    jset(r2, FLOW_STATE.established, name('seen')),
    or(r2, FLOW_STATE.established),
    label(name('write')),
    store(r0, state, r2),
    label(name('seen')),
    store(r0, seen, r1),
    goto(name('done')),
    label(name('datagram')),
    load(r1, r10, now),
    ifQuiet(mov(r3, ticks(limits.udp, options))),
    load(r1, r10, now),
    goto(name('seen')),
    label(name('flagged')),
    jset(r3, TCP_FLAG.rst, name('reset')),
    jset(r3, TCP_FLAG.fin, name('fin')),
    jset(r2, OVER, anew),
    mov(r3, ticks(limits.tcpOpening, options)),
    jset(r2, FLOW_STATE.established, name('established')),
    goto(name('compare')),
    label(name('established')),
    mov(r3, ticks(Math.min(QUIET, limits.tcpEstablished), options)),
    label(name('compare')),
    ifQuiet([]),
    load(r1, r10, now),
    goto(name('seen')),
    label(name('reset')),
    or(r2, OVER),
    goto(name('write')),
    label(name('fin')),
    or(r2, FLOW_STATE.established | FLOW_STATE.endedByClient),
    goto(name('write')),
    label(name('done')),
  ];
}

function ticks(seconds: number, { jiffiesPerSecond = JIFFIES }: DatapathOptions): number {
  return Math.min(seconds * jiffiesPerSecond, 0x7fff_ffff);
}

/**
 * A packet of a flow has come, of which the entry is at r0. A flow of UDP is established once it is answered. A backend that is `alone` ends it for both: not all modes show what the client sends. Afterwards the entry is at r8.
 */
export function touch(
  { seen, state }: StatePlaces,
  { tuple, flags }: PacketPlaces,
  by: 'client' | 'backend' | 'alone',
): Code {
  const id = unique();
  const name = (what: string): string => `${what} seen ${id}`;
  const [reset, fin, syn, write, done] = ['reset', 'fin', 'syn', 'write', 'done'].map(name) as [
    ...[string, string, string, string, string],
  ];
  const ended = { client: FLOW_STATE.endedByClient, backend: FLOW_STATE.endedByBackend, alone: OVER }[by];
  return [
    mov(r8, r0),
    tick(),
    store(r8, seen, r0),
    load(r1, r10, tuple.protocol),
    mov(r2, FLOW_STATE.established),
    jeq(r1, layout.PROTOCOL.udp, by === 'client' ? done : write),
    load(r1, r10, flags),
    load(r2, r8, state),
    jset(r1, TCP_FLAG.rst, reset),
    jset(r1, TCP_FLAG.fin, fin),
    jset(r1, TCP_FLAG.syn, syn),
    or(r2, FLOW_STATE.established),
    goto(write),
    label(syn),
    // from the client it begins anew, from the backend it is an answer
    by === 'client' ? mov(r2, 0) : or(r2, 0),
    goto(write),
    label(fin),
    or(r2, FLOW_STATE.established | ended),
    goto(write),
    label(reset),
    or(r2, OVER),
    label(write),
    store(r8, state, r2),
    label(done),
  ];
}

/**
 * Goes to a label if the flow of the entry at r0 has had no packet for longer than flows like it last. The time now, as `begin` has written it,
 * and the protocol are in the frame.
 */
export function ifPast(
  { seen, state }: StatePlaces,
  now: asm.Place,
  protocol: asm.Place,
  options: DatapathOptions,
  then: string,
): Code {
  const id = unique();
  const name = (what: string): string => `${what} limit ${id}`;
  const limits = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const limit = (of: keyof FlowTimeouts): Code => [mov(r3, ticks(limits[of], options)), goto(name('compare'))];
  return [
    load(r2, r0, state),
    load(r1, r10, protocol),
    jeq(r1, layout.PROTOCOL.udp, name('udp')),
    mov(r1, r2),
    and(r1, OVER),
    jeq(r1, OVER, name('over')),
    jgt(r1, 0, name('closing')),
    jset(r2, FLOW_STATE.established, name('established')),
    limit('tcpOpening'),
    label(name('udp')),
    jset(r2, FLOW_STATE.established, name('answered')),
    limit('udpUnanswered'),
    label(name('answered')),
    limit('udp'),
    label(name('over')),
    limit('tcpClosed'),
    label(name('closing')),
    limit('tcpClosing'),
    label(name('established')),
    limit('tcpEstablished'),
    label(name('compare')),
    load(r4, r10, now),
    load(r1, r0, seen),
    asm.sub32(r4, r1),
    jgt(r4, r3, then),
  ];
}

/** Goes to a label if the flow of the entry at r0 is over. */
export function ifOver({ state }: StatePlaces, then: string): Code {
  return [load(r1, r0, state), and(r1, OVER), jeq(r1, OVER, then)];
}
