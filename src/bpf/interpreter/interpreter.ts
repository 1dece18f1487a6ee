import type { MapSpec } from '../spec/map-spec.ts';
import type { ProgramSpec } from '../spec/program-spec.ts';
import { type InterpretedRun, Machine, MemoryMaps } from './machine.ts';
import type { MemoryMap } from './maps/memory-map.ts';
import type { World } from './world.ts';

/** What a program is run on. */
export interface InterpretOptions {
  /** The packet from its Ethernet header on. */
  readonly data?: Uint8Array;
  /** The context as bytes of its layout. Default: what the kernel's test runs have for a packet. */
  readonly context?: Uint8Array;
}

const STILL: World = { now: () => 0n, random: () => 0 };

/**
 * Runs programs without a kernel, on maps in memory, on every system. What is not deterministic comes from the world that it
 * is given; by default time stands still and chance is zero.
 */
export class Interpreter {
  readonly #maps = new MemoryMaps();
  readonly #world: World;

  constructor(world: Partial<World> = {}) {
    this.#world = { ...STILL, ...world };
  }

  /** The map of a spec, which all programs of this interpreter share. */
  map<K, V>(spec: MapSpec<K, V>): MemoryMap<K, V> {
    return this.#maps.get(spec);
  }

  /**
   * Runs a program.
   *
   * @throws InterpreterFault it does what the verifier would refuse, or calls what the interpreter does not have.
   */
  run(program: ProgramSpec, options: InterpretOptions): InterpretedRun {
    return new Machine(program, this.#maps, this.#world, options).run();
  }
}
