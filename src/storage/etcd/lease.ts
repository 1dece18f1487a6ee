import type { Clock } from '../storage.ts';
import type { EtcdClient } from './client.ts';
import { methods } from './messages.ts';

/** A lease takes others in for a twentieth of its time, and for no more than so long. */
const REUSE_SHARE = 0.05;
const LONGEST_REUSE_SECONDS = 60;
/** So many keys at most, since all of a lease are deleted in one transaction. */
const MOST_KEYS = 1000;

interface Lease {
  readonly id: bigint;
  readonly expiresAt: number;
  keys: number;
}

/**
 * Leases for keys with a time to live: keys that are written within some seconds share one, so that a cluster full of
 * events does not keep etcd busy with leases. A key lives a little longer than asked for, never shorter.
 */
export class Leases {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  /** By the seconds that were asked for. */
  readonly #newest = new Map<number, Lease>();
  /** Grants that are on their way, shared by those who ask meanwhile. */
  readonly #granting = new Map<number, Promise<Lease>>();

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A lease for one more key that is to live so many seconds. @throws StatusError */
  async leaseFor(ttlSeconds: number): Promise<bigint> {
    let lease = this.#newest.get(ttlSeconds);
    while (lease === undefined || !this.#fits(lease, ttlSeconds)) lease = await this.#grant(ttlSeconds);
    lease.keys++;
    return lease.id;
  }

  /** The leases are not known to etcd any more. */
  forget(): void {
    this.#newest.clear();
  }

  #fits({ expiresAt, keys }: Lease, ttlSeconds: number): boolean {
    return keys < MOST_KEYS && this.#clock.now() + ttlSeconds * 1000 < expiresAt;
  }

  #grant(ttlSeconds: number): Promise<Lease> {
    let granting = this.#granting.get(ttlSeconds);
    if (granting === undefined) {
      granting = this.#grantAnew(ttlSeconds).finally(() => this.#granting.delete(ttlSeconds));
      this.#granting.set(ttlSeconds, granting);
    }
    return granting;
  }

  async #grantAnew(ttlSeconds: number): Promise<Lease> {
    const reuse = Math.max(1, Math.min(LONGEST_REUSE_SECONDS, Math.floor(ttlSeconds * REUSE_SHARE)));
    const began = this.#clock.now();
    const { ID: id } = await this.#client.ask(methods.leaseGrant, { TTL: ttlSeconds + reuse });
    const lease = { id, expiresAt: began + (ttlSeconds + reuse) * 1000, keys: 0 };
    this.#newest.set(ttlSeconds, lease);
    return lease;
  }
}
