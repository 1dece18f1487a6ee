import type { Clock } from 'nekube/client';

/** What an owner waits for. */
interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/** After so long nobody waits any more: something was missed. */
const EXPIRY_MS = 5 * 60_000;

/**
 * What owners of objects have written and their caches do not show yet. An owner whose expectations are not met must not
 * count its objects: it would make the same ones again. Owners and objects are told by their uids.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many objects of the owner will come; replaces what was expected before. */
  expectCreations(owner: string, count: number): void {
    this.#expected.set(owner, { creations: count, deletions: new Set(), since: this.#clock.elapsed() });
  }

  /** These objects of the owner will go; replaces what was expected before. */
  expectDeletions(owner: string, objects: readonly string[]): void {
    this.#expected.set(owner, { creations: 0, deletions: new Set(objects), since: this.#clock.elapsed() });
  }

  /** Both at once; replaces what was expected before. */
  expect(owner: string, creations: number, deletions: readonly string[]): void {
    this.#expected.set(owner, { creations, deletions: new Set(deletions), since: this.#clock.elapsed() });
  }

  /** An object came, or will not. */
  creationObserved(owner: string): void {
    const expected = this.#expected.get(owner);
    if (expected !== undefined) expected.creations--;
  }

  /** An object went, or will not. */
  deletionObserved(owner: string, object: string): void {
    this.#expected.get(owner)?.deletions.delete(object);
  }

  /** Whether the owner may count what its cache has. */
  areMet(owner: string): boolean {
    const expected = this.#expected.get(owner);
    if (expected === undefined) return true;
    const isMet = expected.creations <= 0 && expected.deletions.size === 0;
    return isMet || this.#clock.elapsed() - expected.since > EXPIRY_MS;
  }

  /** The owner is gone. */
  forget(owner: string): void {
    this.#expected.delete(owner);
  }
}
