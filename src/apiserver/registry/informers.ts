import type { Informer } from './informer.ts';

/** The informers of a server: one a resource, shared by all that look at it, started together. */
export class Informers {
  readonly #make: (group: string, version: string, resource: string) => Informer;
  readonly #known = new Map<string, Informer>();

  /** @param make a new informer of a built-in resource */
  constructor(make: (group: string, version: string, resource: string) => Informer) {
    this.#make = make;
  }

  /** The informer of a built-in resource, to be asked for before the server starts. */
  of(group: string, version: string, resource: string): Informer {
    const key = `${group}/${version}/${resource}`;
    const known = this.#known.get(key) ?? this.#make(group, version, resource);
    this.#known.set(key, known);
    return known;
  }

  /** Starts all; rejects when a first reading fails. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#known.values()].map((informer) => informer.start(signal)));
  }
}
