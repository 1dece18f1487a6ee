import type { Informer } from './informer.ts';

/** The informers of a server: one a resource, shared by all that look at it, started together. */
export class Informers {
  readonly #make: (group: string, version: string, resource: string) => Informer;
  readonly #known = new Map<string, Informer>();
  #started = false;

  /** @param make a new informer of a built-in resource */
  constructor(make: (group: string, version: string, resource: string) => Informer) {
    this.#make = make;
  }

  /**
   * The informer of a built-in resource.
   *
   * @throws TypeError for one that nobody had asked for before the start: it would stay empty
   */
  of(group: string, version: string, resource: string): Informer {
    const key = `${group}/${version}/${resource}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#started) throw new TypeError(`the informer of ${key} is asked for after the start`);
    const made = this.#make(group, version, resource);
    this.#known.set(key, made);
    return made;
  }

  /** Starts all; rejects when a first reading fails. */
  async start(signal: AbortSignal): Promise<void> {
    this.#started = true;
    await Promise.all([...this.#known.values()].map((informer) => informer.start(signal)));
  }
}
