import { listing } from '../asm/listing.ts';
import { assemble } from '../asm/assemble.ts';
import { Interpreter } from '../interpreter/interpreter.ts';
import { createMap, type KernelMap } from '../kernel/map.ts';
import { loadProgram } from '../kernel/program.ts';
import type { ProgramSpec } from '../spec/program-spec.ts';
import { Random } from './random.ts';
import { fuzzArray, fuzzHash, randomProgram, VALUE_BYTES } from './random-program.ts';

/** What a program left behind, in a form that can be compared. */
interface Outcome {
  readonly result: number;
  readonly data: string;
  readonly array: string;
  readonly hash: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Runs random programs in the kernel and in the interpreter, on the same packets and maps. */
export class Differential {
  readonly #array: KernelMap<number, Uint8Array>;
  readonly #hash: KernelMap<number, Uint8Array>;

  constructor() {
    this.#array = createMap(fuzzArray) as KernelMap<number, Uint8Array>;
    this.#hash = createMap(fuzzHash) as KernelMap<number, Uint8Array>;
  }

  /** Runs the program of a seed on a few packets; what differs, with the program's listing, or undefined. */
  run(seed: number): string | undefined {
    const random = new Random(seed);
    const spec = randomProgram(random, random.chance(50) ? 'xdp' : 'sched_cls');
    const maps = new Map<string, KernelMap>([
      [fuzzArray.name, this.#array as unknown as KernelMap],
      [fuzzHash.name, this.#hash as unknown as KernelMap],
    ]);
    const program = loadProgram(spec, { maps, btf: false });
    try {
      for (let i = 0; i < 2; i++) {
        const [packet, value] = [randomPacket(random), random.bytes(VALUE_BYTES)];
        const interpreted = interpret(spec, packet, value);
        this.#reset(value);
        const run = program.testRun({ data: packet });
        const real = { ...run, array: hex(this.#array.get(0)!), hash: contents(this.#hash.entries()) };
        const difference = compare(interpreted, { ...real, data: hex(run.data) });
        if (difference)
          return `seed ${seed}, packet ${hex(packet)}, value ${hex(value)}\n${difference}\n${textOf(spec)}`;
      }
    } finally {
      program.close();
    }
    return undefined;
  }

  close(): void {
    this.#array.close();
    this.#hash.close();
  }

  #reset(value: Uint8Array): void {
    this.#array.set(0, value);
    for (let key = 0; key < 6; key++) this.#hash.delete(key);
  }
}

function interpret(spec: ProgramSpec, packet: Uint8Array, value: Uint8Array): Outcome {
  const interpreter = new Interpreter();
  interpreter.map(fuzzArray).set(0, value);
  const { result, data } = interpreter.run(spec, { data: packet });
  const array = hex(interpreter.map(fuzzArray).get(0)!);
  return { result, data: hex(data), array, hash: contents(interpreter.map(fuzzHash).entries()) };
}

function contents(entries: Iterable<[number, Uint8Array]>): string {
  return [...entries]
    .map(([key, value]) => `${key}=${hex(value)}`)
    .sort()
    .join(' ');
}

function compare(interpreted: Outcome, real: Outcome): string | undefined {
  const fields = ['result', 'data', 'array', 'hash'] as const;
  const lines = fields
    .filter((field) => interpreted[field] !== real[field])
    .map((field) => `${field}:\n  interpreter ${interpreted[field]}\n  kernel      ${real[field]}`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** A packet of IPv4, IPv6 or neither, of random bytes, and with room for the header that its kind says: test runs want it. */
function randomPacket(random: Random): Uint8Array {
  const packet = random.bytes(54 + random.below(100));
  packet.set(random.of([Uint8Array.of(8, 0, 0x45), Uint8Array.of(0x86, 0xdd, 0x60), Uint8Array.of(8, 6, 0)]), 12);
  return packet;
}

const textOf = (spec: ProgramSpec): string => listing(assemble(spec.name, spec.code));
