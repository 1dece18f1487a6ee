import type { FlagValue } from './pflag-value.ts';

/** The values of a command line with their defaults, by the names of flags. */
export class FlagValues {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  /** What was given, in the order of the alphabet. */
  get given(): string[] {
    return [...this.#values.keys()].sort();
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string, standard = ''): string {
    return (this.#values.get(name) ?? standard) as string;
  }

  /** Undefined for none, and for an empty one, which names no file. */
  file(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  number(name: string, standard: number): number {
    return (this.#values.get(name) ?? standard) as number;
  }

  bool(name: string, standard: boolean): boolean {
    return (this.#values.get(name) ?? standard) as boolean;
  }

  list(name: string, standard: readonly string[] = []): readonly string[] {
    return (this.#values.get(name) ?? standard) as readonly string[];
  }
}
