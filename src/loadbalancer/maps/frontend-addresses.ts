import type { Family } from './address.ts';
import { textOf, type WriteLog } from './writes.ts';

/** That a frontend has an address says all. */
const THERE = Uint8Array.of(1);

/**
 * The addresses that frontends have, of which several may have the same: what comes to one is ours, also where no port says for which
 * Service it is.
 */
export class FrontendAddresses {
  readonly #users = new Map<string, number>();

  /** Counts one more frontend at an address; the address is written if it is the first. */
  use(family: Family, address: Uint8Array, log: Pick<WriteLog, 'add'>): void {
    const name = textOf(address);
    const users = this.#users.get(name) ?? 0;
    if (users === 0) log.add({ map: `addresses${family}`, key: address, value: THERE });
    this.#users.set(name, users + 1);
  }

  /** Counts one less; the address is removed if it was the last. */
  leave(family: Family, address: Uint8Array, log: WriteLog): void {
    const name = textOf(address);
    const users = (this.#users.get(name) ?? 0) - 1;
    if (users > 0) this.#users.set(name, users);
    else if (this.#users.delete(name)) log.remove({ map: `addresses${family}`, key: address });
  }
}
