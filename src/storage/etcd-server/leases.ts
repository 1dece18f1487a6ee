import type { Clock } from '../storage.ts';
import { refusal } from './errors.ts';

/** A time to live, and the keys that end with it. */
export interface Lease {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly keys: Set<string>;
  expiresAt: number;
}

/** etcd grants no less, with its usual intervals of elections; and no more. */
const LEAST_SECONDS = 2;
const MOST_SECONDS = 9_000_000_000;

/** The leases that there are. What is kept of them on the disk, and what is deleted with them, is for the caller. */
export class LeaseTable {
  readonly #leases = new Map<bigint, Lease>();
  readonly #byKey = new Map<string, Lease>();
  readonly #clock: Clock;
  readonly #newId: () => bigint;
  readonly #onExpired: (id: bigint) => void;
  #stop: (() => void) | undefined;
  /** When it is looked again for leases that are over. */
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, newId: () => bigint, onExpired: (id: bigint) => void) {
    this.#clock = clock;
    this.#newId = newId;
    this.#onExpired = onExpired;
  }

  /** Grants a lease, by the id that is asked for, or by a new one. @throws RpcError */
  grant(id: bigint, ttlSeconds: number): Lease {
    if (ttlSeconds > MOST_SECONDS) throw refusal('leaseTooLong');
    const own = id === 0n ? this.#newId() : id;
    if (this.#leases.has(own)) throw refusal('leaseExists');
    return this.restore(own, Math.max(ttlSeconds, LEAST_SECONDS));
  }

  /** Takes a lease up that was granted once, for its whole time from now. */
  restore(id: bigint, ttlSeconds: number): Lease {
    const lease = { id, ttlSeconds, keys: new Set<string>(), expiresAt: this.#clock.now() + ttlSeconds * 1000 };
    this.#leases.set(id, lease);
    this.#wakeBy(lease.expiresAt);
    return lease;
  }

  /** @throws RpcError if there is none */
  get(id: bigint): Lease {
    const lease = this.#leases.get(id);
    if (lease === undefined) throw refusal('leaseNotFound');
    return lease;
  }

  find(id: bigint): Lease | undefined {
    return this.#leases.get(id);
  }

  /** All, by the time that they have left. */
  all(): Lease[] {
    return [...this.#leases.values()].sort((a, b) => a.expiresAt - b.expiresAt);
  }

  /** Lets its time begin anew. */
  renew(lease: Lease): void {
    lease.expiresAt = this.#clock.now() + lease.ttlSeconds * 1000;
    this.#wakeBy(lease.expiresAt);
  }

  /** Seconds that are left. */
  remaining({ expiresAt }: Lease): number {
    return Math.max(0, Math.floor((expiresAt - this.#clock.now()) / 1000));
  }

  /** A key has a lease from now on, 0 is none. */
  attach(key: string, id: bigint): void {
    this.#byKey.get(key)?.keys.delete(key);
    const lease = this.#leases.get(id);
    if (lease === undefined) return void this.#byKey.delete(key);
    lease.keys.add(key);
    this.#byKey.set(key, lease);
  }

  /** Removes a lease; its keys are no longer its own. */
  remove(lease: Lease): void {
    this.#leases.delete(lease.id);
    for (const key of lease.keys) this.#byKey.delete(key);
  }

  /** Nothing expires any more. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  /** Looks at this time or before; leases that are renewed or gone by then cost a look, and no search at each change. */
  #wakeBy(at: number): void {
    if (at >= this.#wakesAt) return;
    this.close();
    this.#wakesAt = at;
    this.#stop = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#expire());
  }

  #expire(): void {
    this.close();
    const now = this.#clock.now();
    for (const { id, expiresAt } of this.all()) if (expiresAt <= now) this.#onExpired(id);
    let next = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#leases.values()) next = Math.min(next, expiresAt);
    this.#wakeBy(next);
  }
}
