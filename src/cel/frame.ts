import { Interruption } from './interruption.ts';
import { CelError, type CelValue } from './value.ts';

/** The value of a variable; undefined for one that is not set. Asked at most once an evaluation. */
export type Activation = (name: string) => CelValue | undefined;

const COST_EXCEEDED = new Interruption('operation cancelled: actual cost limit exceeded');

/** The state of one evaluation. */
export class Frame {
  cost = 0;
  readonly #limit: number;
  readonly #activation: Activation;
  readonly #names: readonly string[];
  readonly #globals: (CelValue | undefined)[];
  readonly locals: (CelValue | undefined)[];

  constructor(activation: Activation, names: readonly string[], locals: number, limit: number) {
    this.#activation = activation;
    this.#names = names;
    this.#limit = limit;
    this.#globals = new Array(names.length);
    this.locals = new Array(locals);
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw COST_EXCEEDED;
  }

  global(slot: number): CelValue {
    let value = this.#globals[slot];
    if (value === undefined) {
      const name = this.#names[slot]!;
      const found = this.#activation(name);
      value = found === undefined ? new CelError(`no such attribute(s): ${name}`) : found;
      this.#globals[slot] = value;
    }
    return value;
  }
}

/** A part of a program: gives its value in an evaluation. */
export type Step = (frame: Frame) => CelValue;
