import { type Identity, keyOf } from './node.ts';

const MOST = 500;

/** Owners that are known not to be there, the latest of them, so that the server is not asked for each dependent again. */
export class AbsentOwners {
  readonly #keys = new Set<string>();

  add(owner: Identity): void {
    const key = keyOf(owner);
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size > MOST) this.#keys.delete(this.#keys.values().next().value!);
  }

  has(owner: Identity): boolean {
    return this.#keys.has(keyOf(owner));
  }
}
