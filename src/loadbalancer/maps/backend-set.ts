import type { Backend, TransportProtocol } from '../model/config.ts';

/** A backend of a Service's port, as the maps have it. */
export interface KnownBackend {
  readonly address: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly id: number;
  /** What its entry has beside what tells it apart. */
  readonly nodeAddress: string | undefined;
  readonly flags: number;
}

/** Up to so many are looked through one after another. */
const FEW = 8;

/**
 * The backends of a Service's port, each once. Most Services have few, and there are many of these: a set of few has nothing to find them
 * by, which would be most of the memory that Services take.
 */
export class BackendSet {
  readonly #known: KnownBackend[] = [];
  #byName: Map<string, KnownBackend> | undefined;

  /** The one with that address and port, if it is of the set. */
  find({ address, port }: Pick<Backend, 'address' | 'port'>, protocol: TransportProtocol): KnownBackend | undefined {
    if (this.#byName !== undefined) return this.#byName.get(nameOf({ address, port, protocol }));
    for (const one of this.#known)
      if (one.address === address && one.port === port && one.protocol === protocol) return one;
    return undefined;
  }

  /** Adds one that is not of the set. */
  add(known: KnownBackend): void {
    this.#known.push(known);
    if (this.#known.length === FEW + 1) this.#byName = new Map(this.#known.map((one) => [nameOf(one), one]));
    else this.#byName?.set(nameOf(known), known);
  }

  /** All of them, in the order in which they came. */
  get all(): readonly KnownBackend[] {
    return this.#known;
  }
}

function nameOf({ address, port, protocol }: Pick<KnownBackend, 'address' | 'port' | 'protocol'>): string {
  return `${address} ${port} ${protocol}`;
}
