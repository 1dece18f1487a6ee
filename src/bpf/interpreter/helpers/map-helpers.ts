import type { UpdateMode } from '../../spec/map-store.ts';
import { failure } from '../errno.ts';
import { InterpreterFault } from '../fault.ts';
import { indexOf } from '../maps/array.ts';
import { MemoryMap, type Refusal } from '../maps/memory-map.ts';
import { ObjectMemory } from '../maps/objects.ts';
import { SequenceMemory } from '../maps/sequence.ts';
import type { ProgramSpec } from '../../spec/program-spec.ts';
import type { Machine } from '../machine.ts';
import { ByteRegion } from '../memory.ts';
import { type Helper, uint } from './helper.ts';

const MODES: readonly UpdateMode[] = ['any', 'add', 'change'];
const answer = (refusal: Refusal): bigint => (refusal ? failure(refusal) : 0n);

const lookup: Helper = (machine, at, keyAt) => {
  const map = machine.mapAt(at);
  const key = machine.memory.slice(keyAt, map.spec.key.size);
  if (map instanceof ObjectMemory) {
    const inner = map.object(key);
    return inner instanceof MemoryMap ? machine.mapAddress(inner) : 0n;
  }
  const value = map.lookup(key);
  return value === undefined ? 0n : machine.valueAddress(map, value);
};

const update: Helper = (machine, at, keyAt, valueAt, flags) => {
  const map = machine.mapAt(at);
  const mode = MODES[Number(flags)];
  if (mode === undefined) return failure('EINVAL');
  const key = machine.memory.slice(keyAt, map.spec.key.size);
  return answer(map.update(key, machine.memory.slice(valueAt, map.spec.value.size), mode));
};

const remove: Helper = (machine, at, keyAt) => {
  const map = machine.mapAt(at);
  return answer(map.remove(machine.memory.slice(keyAt, map.spec.key.size)));
};

function sequence(machine: Machine, at: bigint): SequenceMemory<unknown, unknown> {
  const map = machine.mapAt(at);
  if (!(map instanceof SequenceMemory)) throw new InterpreterFault(`gives ${map.spec.name} to a helper of sequences`);
  return map;
}

const EXISTING = 2n;
const push: Helper = (machine, at, valueAt, flags) => {
  const map = sequence(machine, at);
  return answer(map.push(machine.memory.slice(valueAt, map.spec.value.size), flags === EXISTING));
};

const take =
  (isLeft: boolean): Helper =>
  (machine, at, valueAt) => {
    const map = sequence(machine, at);
    const target = machine.memory.slice(valueAt, map.spec.value.size, true);
    const value = map.take(isLeft);
    target.set(value ?? new Uint8Array(target.length));
    return value === undefined ? failure('ENOENT') : 0n;
  };

const ringOutput: Helper = (machine, at, dataAt, size) =>
  answer(sequence(machine, at).push(machine.memory.slice(dataAt, Number(size))));

/** Records that are reserved and neither submitted nor discarded, by their addresses. */
const reserved = new WeakMap<Machine, Map<bigint, { ring: SequenceMemory<unknown, unknown>; bytes: Uint8Array }>>();

const ringReserve: Helper = (machine, at, size) => {
  const ring = sequence(machine, at);
  if (!ring.claim(Number(size))) return 0n;
  const bytes = new Uint8Array(Number(size));
  const address = machine.memory.add(new ByteRegion('a record of a ring buffer', bytes));
  const records = reserved.get(machine) ?? new Map();
  reserved.set(machine, records.set(address, { ring, bytes }));
  return address;
};

const ringFinish =
  (isSubmitted: boolean): Helper =>
  (machine, at) => {
    const record = reserved.get(machine)?.get(at);
    if (record === undefined) throw new InterpreterFault('ends a record of a ring buffer that it did not reserve');
    reserved.get(machine)!.delete(at);
    machine.memory.remove(at);
    if (isSubmitted) record.ring.submit(record.bytes);
    return 0n;
  };

const tailCall: Helper = (machine, _context, at, index) => {
  const map = machine.mapAt(at);
  if (!(map instanceof ObjectMemory))
    throw new InterpreterFault(`jumps into ${map.spec.name}, which holds no programs`);
  const key = new Uint8Array(Uint32Array.of(uint(index)).buffer);
  const target = indexOf(key) < map.spec.maxEntries ? map.object(key) : undefined;
  if (target !== undefined) machine.tailCall(target as ProgramSpec);
  return failure('ENOENT');
};

const loop: Helper = (machine, count, functionAt, contextAt) => {
  const times = uint(count);
  if (times > 1 << 23) return failure('E2BIG');
  for (let i = 0; i < times; i++)
    if (machine.callBack(Number(functionAt), BigInt(i), contextAt) !== 0n) return BigInt(i + 1);
  return BigInt(times);
};

/** Helpers of maps, ring buffers, and of going on elsewhere. */
export const mapHelpers = {
  map_lookup_elem: lookup,
  map_update_elem: update,
  map_delete_elem: remove,
  map_push_elem: push,
  map_pop_elem: take(false),
  map_peek_elem: take(true),
  ringbuf_output: ringOutput,
  ringbuf_reserve: ringReserve,
  ringbuf_submit: ringFinish(true),
  ringbuf_discard: ringFinish(false),
  tail_call: tailCall,
  loop,
} satisfies Record<string, Helper>;
