import { goQuote } from 'nekube/apimachinery';
import { type FlagType, type FlagValue, readValue } from './pflag-value.ts';

/** A flag that a program takes. */
export interface FlagSpec {
  readonly name: string;
  /** One letter, for `-v`. */
  readonly short?: string;
  readonly type: FlagType;
  /** What is said when it is set all the same. */
  readonly deprecated?: string;
}

/** What a command line says. */
export interface ParsedFlags {
  /** By the flags' names; what was not given is not in it. */
  readonly values: ReadonlyMap<string, FlagValue>;
  /** What is no flag. */
  readonly words: readonly string[];
  /** What is to be said of flags that were given, in the order in which they were. */
  readonly notes: readonly string[];
}

/** A command line that does not hold; the message is pflag's. */
export class FlagError extends Error {}

/**
 * Reads a command line as pflag does: `--name=value`, `--name value`, `--name` where the type allows it, `-v value`,
 * `-v=value`, `-vvalue`, words between flags, and `--` before words. Names may have `_` for `-`.
 *
 * @throws FlagError
 */
export function parseFlags(specs: readonly FlagSpec[], args: readonly string[]): ParsedFlags {
  const reader = new FlagReader(specs);
  reader.read(args);
  return reader;
}

class FlagReader implements ParsedFlags {
  readonly values = new Map<string, FlagValue>();
  readonly words: string[] = [];
  readonly notes: string[] = [];
  readonly #byName: ReadonlyMap<string, FlagSpec>;
  readonly #byShort: ReadonlyMap<string, FlagSpec>;
  #rest: string[] = [];

  constructor(specs: readonly FlagSpec[]) {
    this.#byName = new Map(specs.map((spec) => [spec.name, spec]));
    this.#byShort = new Map(specs.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec] as const])));
  }

  read(args: readonly string[]): void {
    this.#rest = [...args];
    for (let arg = this.#rest.shift(); arg !== undefined; arg = this.#rest.shift()) {
      if (!arg.startsWith('-') || arg === '-') this.words.push(arg);
      else if (arg === '--') this.words.push(...this.#rest.splice(0));
      else if (arg.startsWith('--')) this.#readLong(arg);
      else this.#readShort(arg);
    }
  }

  #readLong(arg: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${arg}`);
    const spec = this.#byName.get(name.replaceAll('_', '-'));
    if (spec === undefined) throw new FlagError(`unknown flag: --${name}`);
    this.#set(spec, value ?? bareValue(spec.type) ?? this.#next(`flag needs an argument: --${name}`));
  }

  /** Letters that need no value may stand together. */
  #readShort(arg: string): void {
    for (let letters = arg.slice(1); letters !== ''; ) {
      const letter = letters[0]!;
      const after = letters.slice(1);
      const spec = this.#byShort.get(letter);
      if (spec === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`);
      const bare = bareValue(spec.type);
      if (after.startsWith('=')) return this.#set(spec, after.slice(1));
      if (bare === undefined)
        return this.#set(spec, after || this.#next(`flag needs an argument: '${letter}' in -${letters}`));
      this.#set(spec, bare);
      letters = after;
    }
  }

  #next(otherwise: string): string {
    const value = this.#rest.shift();
    if (value === undefined) throw new FlagError(otherwise);
    return value;
  }

  #set({ name, short, type, deprecated }: FlagSpec, text: string): void {
    try {
      this.values.set(name, readValue(type, text, this.values.get(name)));
    } catch (error) {
      const shown = short === undefined ? `--${name}` : `-${short}, --${name}`;
      throw new FlagError(`invalid argument ${goQuote(text)} for ${goQuote(shown)} flag: ${(error as Error).message}`, {
        cause: error,
      });
    }
    if (deprecated !== undefined) this.notes.push(`Flag --${name} has been deprecated, ${deprecated}`);
  }
}

/** What a flag without a value means. */
function bareValue(type: FlagType): string | undefined {
  return type === 'bool' || type === 'version' ? 'true' : undefined;
}
