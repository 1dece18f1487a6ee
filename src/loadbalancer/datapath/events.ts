import { asm, layout, type MapSpec, mapSpec } from 'nekube/bpf';
import type { FamilyShape } from './family.ts';
import { copy, inFrame } from './frame.ts';
import type { DatapathMaps } from './maps.ts';
import { count, lookup, unique } from './parts.ts';
import type { TuplePlaces } from './tuples.ts';

const { add, at, call, goto, jeq, jge, label, load, loadMap, mov, mov32, r0, r1, r10, r2, r3, r6, r7, r8, r9, rsh } =
  asm;
const { store, storeImm } = asm;
type Code = asm.Code;
const { be16, bytes, pad, struct, u32, u64, u8 } = layout;

/** What is told of a packet that was dropped. Addresses of IPv4 are the first four bytes. */
export const DropEvent = struct('lb_drop', {
  /** Nanoseconds since the machine was started. */
  time: u64,
  /** The counter that counted it. */
  reason: u32,
  ifindex: u32,
  source: bytes(16, 4),
  destination: bytes(16, 4),
  sourcePort: be16,
  destinationPort: be16,
  protocol: u8,
  family: u8,
  _gap: pad(2),
});

/** How many of a second's drops a CPU tells of at most; all are counted. */
export const EVENTS_PER_SECOND = 64;
/** Bytes of events that nobody has read yet. */
const BUFFER_BYTES = 1 << 18;
/** Of nanoseconds: a second, or nearly so, by a shift. */
const SECOND_BITS = 30;

const Budget = struct('lb_budget', { second: u32, told: u32 });

/** The maps by which drops are told: records for who reads them, and how many each CPU has told of. */
export function eventMaps(): { readonly events: MapSpec; readonly eventBudget: MapSpec } {
  return {
    events: mapSpec({ name: 'events', type: 'ringbuf', maxEntries: BUFFER_BYTES }),
    eventBudget: mapSpec({
      name: 'event_budget',
      type: 'percpu_array',
      value: Budget,
      maxEntries: 1,
    }),
  };
}

/** What telling of a drop needs of a frame. `counter` has the reason, as `count` left it there. */
interface ReportPlaces {
  readonly tuple: TuplePlaces;
  readonly counter: { readonly offset: number };
}

/**
 * The end of a program to which `drop` leads: a packet that was counted is told of, with its tuple, and dropped. A flood is not
 * told of whole, and does not make the program slower: each CPU tells of some a second, and the others are counted alone. r6 is the context;
 * uses all registers.
 */
export function report(
  shape: FamilyShape,
  maps: DatapathMaps,
  { tuple, counter }: ReportPlaces,
  name = 'report',
): Code {
  const budget = Budget.at;
  const [same, lost] = [`same second ${unique()}`, `lost event ${unique()}`];
  return [
    label(name),
    load(r9, r10, at(counter.offset, 'u32')),
    storeImm(r10, at(counter.offset, 'u32'), 0),
    lookup(maps.eventBudget, counter.offset),
    jeq(r0, 0, 'drop'),
    mov(r8, r0),
    call('ktime_get_coarse_ns'),
    mov(r7, r0),
    rsh(r0, SECOND_BITS),
    mov32(r0, r0),
    load(r1, r8, budget.second),
    jeq(r1, r0, same),
    store(r8, budget.second, r0),
    storeImm(r8, budget.told, 0),
    label(same),
    load(r1, r8, budget.told),
    jge(r1, EVENTS_PER_SECOND, 'drop'),
    add(r1, 1),
    store(r8, budget.told, r1),
    loadMap(r1, maps.events),
    mov(r2, DropEvent.size),
    mov(r3, 0),
    call('ringbuf_reserve'),
    jeq(r0, 0, lost),
    fill(shape, tuple),
    mov(r1, r0),
    mov(r2, 0),
    call('ringbuf_submit'),
    goto('drop'),
    label(lost),
    count('lost_events', maps, counter.offset),
    goto('drop'),
  ];
}

/** Writes the record at r0: the time is in r7, the reason in r9. Uses r1 and r2. */
function fill(shape: FamilyShape, tuple: TuplePlaces): Code {
  const event = DropEvent.at;
  const zeros = Array.from({ length: DropEvent.size / 8 }, (_, i) => storeImm(r0, at(8 * i, 'u64'), 0));
  const to = ({ offset }: { readonly offset: number }) => ({ base: r0, offset });
  return [
    zeros,
    store(r0, event.time, r7),
    store(r0, event.reason, r9),
    load(r1, r6, layout.SkBuff.at.ifindex),
    store(r0, event.ifindex, r1),
    copy(to(event.source), inFrame(tuple.source), shape.addressLength, r2),
    copy(to(event.destination), inFrame(tuple.destination), shape.addressLength, r2),
    copy(to(event.sourcePort), inFrame(tuple.sourcePort), 2, r2),
    copy(to(event.destinationPort), inFrame(tuple.destinationPort), 2, r2),
    load(r1, r10, tuple.protocol),
    store(r0, event.protocol, r1),
    storeImm(r0, event.family, shape.family),
  ];
}
