import { interpreter, kernel, type MapSpec, type ProgramSpec, TCX } from 'nekube/bpf';
import type { ByteMap } from '../datapath/map-writer.ts';
import { COUNTERS, type DatapathMaps } from '../datapath/maps.ts';

/** Where programs are run on packets: by the kernel, or where there are no rights to that by the interpreter. */
export type Machine = 'kernel' | 'interpreter';

/** What became of a packet. Whether there is a route for it is the machine's affair: `sent` is all that is not dropped. */
export interface Outcome {
  readonly verdict: 'sent' | 'dropped';
  /** In hexadecimal digits, so that a difference is seen. */
  readonly packet: string;
}

/** What a program did with a packet. */
export interface RawOutcome {
  /** With its sign: -1 is `TCX.next`. */
  readonly result: number;
  readonly data: Uint8Array;
}

/** A node's programs and maps, without devices. */
export interface PacketNode {
  /** Runs a program of that name on a packet. */
  run(program: string, packet: Uint8Array): Outcome;
  /** The same, with the program's own result. */
  runRaw(program: string, packet: Uint8Array): RawOutcome;
  map(name: string): ByteMap;
  /** Those that are not zero. */
  counted(): Readonly<Record<string, number>>;
  close(): void;
}

/** The clock of a node in the interpreter, in seconds; the kernel has its own. */
export interface Clock {
  seconds: number;
}

/** Loads programs, with maps of their own. If they are kept, the next node of the same programs has them when this one is closed. */
export function packetNode(
  machine: Machine,
  maps: DatapathMaps,
  programs: readonly ProgramSpec[],
  clock: Clock = { seconds: 0 },
  isKept = false,
): PacketNode {
  return machine === 'kernel' ? kernelNode(programs, isKept) : interpretedNode(maps, programs, clock);
}

function outcome({ result, data }: RawOutcome): Outcome {
  return { verdict: result === TCX.drop ? 'dropped' : 'sent', packet: Buffer.from(data).toString('hex') };
}

function counters(read: (index: number) => number): Record<string, number> {
  return Object.fromEntries(COUNTERS.map((name, i) => [name, read(i)] as const).filter(([, value]) => value > 0));
}

/** Programs that nobody uses now, by what they are: to have the kernel read them takes long. */
const idle = new Map<readonly ProgramSpec[], LoadedPrograms[]>();

/** Maps, and of the programs that use them those that were run: the kernel reads each when it is needed first. */
class LoadedPrograms {
  readonly #specs: readonly ProgramSpec[];
  readonly #maps = new Map<string, kernel.KernelMap>();
  readonly #collections = new Map<string, kernel.Collection>();

  constructor(specs: readonly ProgramSpec[]) {
    this.#specs = specs;
    try {
      for (const spec of specs.flatMap(({ maps = [] }) => maps))
        if (!this.#maps.has(spec.name)) this.#maps.set(spec.name, kernel.createMap(spec));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  program(name: string): kernel.KernelProgram {
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      const spec = this.#specs.find((one) => one.name === name);
      if (spec === undefined) throw new TypeError(`There is no program called ${name}`);
      collection = kernel.loadCollection([spec], { maps: this.#maps.values() });
      this.#collections.set(name, collection);
    }
    return collection.program(name);
  }

  map(name: string): kernel.KernelMap {
    const map = this.#maps.get(name);
    if (map === undefined) throw new TypeError(`There is no map called ${name}`);
    return map;
  }

  close(): void {
    for (const collection of this.#collections.values()) collection.close();
    for (const map of this.#maps.values()) map.close();
  }
}

function kernelNode(programs: readonly ProgramSpec[], isKept: boolean): PacketNode {
  const unused = idle.get(programs) ?? [];
  if (isKept) idle.set(programs, unused);
  const loaded = unused.pop() ?? new LoadedPrograms(programs);
  const runRaw = (name: string, packet: Uint8Array): RawOutcome => {
    const { result, data } = loaded.program(name).testRun({ data: packet });
    return { result: result | 0, data };
  };
  const read = (i: number): number =>
    (loaded.map('counters').getPerCpu(i) as bigint[]).reduce((sum, one) => sum + Number(one), 0);
  const before = COUNTERS.map((_, i) => read(i));
  return {
    runRaw,
    run: (name, packet) => outcome(runRaw(name, packet)),
    map: (name) => loaded.map(name),
    counted: () => counters((i) => read(i) - (before[i] as number)),
    close() {
      if (!isKept) return loaded.close();
      for (const { name, type } of programs.flatMap(({ maps = [] }) => maps))
        if (type.endsWith('hash') || type === 'lpm_trie') clear(loaded.map(name));
      unused.push(loaded);
    },
  };
}

function clear(map: kernel.KernelMap): void {
  for (const [key] of [...map.entries()]) map.delete(key);
}

function interpretedNode(maps: DatapathMaps, programs: readonly ProgramSpec[], clock: Clock): PacketNode {
  let random = 0;
  const machine = new interpreter.Interpreter({
    now: () => BigInt(Math.round(clock.seconds * 1e9)),
    // any order of numbers does, as long as it is not always the same one
    random: () => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0),
  });
  const specs = new Map(programs.flatMap(({ maps: of = [] }) => of).map((spec) => [spec.name, spec]));
  const bytesOf = (name: string): ByteMap => interpretedMap(machine, specs, name);
  const runRaw = (name: string, packet: Uint8Array): RawOutcome => {
    const program = programs.find((one) => one.name === name);
    if (program === undefined) throw new TypeError(`There is no program called ${name}`);
    const { result, data } = machine.run(program, { data: packet });
    return { result: result | 0, data };
  };
  return {
    runRaw,
    run: (name, packet) => outcome(runRaw(name, packet)),
    map: bytesOf,
    counted: () => counters((i) => Number((machine.map(maps.counters).get(i) as bigint | undefined) ?? 0n)),
    close() {},
  };
}

/** A map of an interpreter, as what writes Services takes it. */
export function interpretedMap(
  machine: interpreter.Interpreter,
  specs: ReadonlyMap<string, MapSpec>,
  name: string,
): ByteMap {
  const spec = specs.get(name);
  if (spec === undefined) throw new TypeError(`There is no map called ${name}`);
  const map = machine.map(spec);
  return {
    setBytes(key, value) {
      const refusal = map.update(key, value, 'any');
      if (refusal !== undefined) throw new RangeError(`Cannot write map "${name}": ${refusal}`);
    },
    deleteBytes: (key) => map.remove(key) === undefined,
  };
}
