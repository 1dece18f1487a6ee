import { formatMicroTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';

/** What a Lease says of an election. */
export interface LeaseRecord {
  /** Absent: nobody leads. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the leader changed. */
  readonly leaseTransitions?: number;
}

/** An object of `coordination.k8s.io/v1`. */
export interface Lease extends KubeObject {
  spec?: LeaseRecord;
}

/** The kind of the objects that elections are held on. */
export const LEASE: Kind<Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

/** Reads and writes one Lease. A write goes through only if nobody wrote since it was seen here. */
export class LeaseLock {
  readonly key: Required<ObjectKey>;
  readonly #client: Client;
  #seen: Lease | undefined;

  constructor(client: Client, key: Required<ObjectKey>) {
    this.#client = client;
    this.key = key;
  }

  /** The Lease as it was seen last. */
  get seen(): Lease | undefined {
    return this.#seen;
  }

  /** Undefined: there is none. */
  async get(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    try {
      this.#seen = await this.#client.get(LEASE, this.key, { signal });
      return this.#seen.spec ?? {};
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async create(record: LeaseRecord, signal: AbortSignal): Promise<void> {
    const { apiVersion, kind } = LEASE;
    this.#seen = await this.#client.create<Lease>(
      { apiVersion, kind, metadata: { ...this.key }, spec: record },
      { signal },
    );
  }

  /** @throws StatusError `Conflict` if somebody wrote since it was seen */
  async update(record: LeaseRecord, signal: AbortSignal): Promise<void> {
    if (this.#seen === undefined) throw new Error('Cannot update a Lease before it was read');
    const spec = { ...this.#seen.spec, holderIdentity: undefined, ...record };
    this.#seen = await this.#client.update<Lease>({ ...LEASE, metadata: this.#seen.metadata, spec }, { signal });
  }
}

/** A time as a Lease has it. */
export function leaseTime(ms: number): string {
  return formatMicroTime(new Date(ms));
}
