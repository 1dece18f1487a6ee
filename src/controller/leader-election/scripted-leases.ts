import {
  cloneJson,
  type KubeObject,
  newAlreadyExists,
  newConflict,
  newInternalError,
  newNotFound,
} from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import type { Lease } from './lease-lock.ts';

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' };

/** How requests of one candidate fare. Times are of the server's clock, which is the true one. */
export interface Network {
  /** No request arrives, and none is answered, until it is given up. */
  isCut(): boolean;
  /** How long a request is on its way; asked twice for each, there and back. */
  delayMs(): number;
  /** What goes wrong with a request that arrives. `lost`: it is done, and nobody hears of it. */
  fault(): 'conflict' | 'error' | 'lost' | undefined;
}

/** One Lease on a server, for tests: what is needed of it, and all that can go wrong on the way there. */
export class ScriptedLeases {
  readonly #clock: Clock;
  #lease: Lease | undefined;
  #revision = 0;
  #writes = 0;

  /** @param clock the true time */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As it is now. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** How often it was written. */
  get writes(): number {
    return this.#writes;
  }

  /** A client that has get, create and update. */
  client(network: Network): Client {
    const call =
      <A>(apply: (argument: A) => Lease) =>
      (argument: A, options: { readonly signal?: AbortSignal } = {}): Promise<Lease> =>
        this.#call(() => apply(argument), network, options.signal);
    return {
      defaultNamespace: 'default',
      get: (_kind: unknown, _key: unknown, options: { readonly signal?: AbortSignal }) =>
        call(() => this.#read())(undefined, options),
      create: call((lease: Lease) => this.#create(lease)),
      update: call((lease: Lease) => this.#update(lease)),
    } as unknown as Client;
  }

  async #call(apply: () => Lease, network: Network, signal: AbortSignal | undefined): Promise<Lease> {
    await this.#travel(network, signal, apply);
    const fault = network.fault();
    if (fault === 'conflict') throw newConflict(LEASES, 'lease', 'so says the script');
    if (fault === 'error') throw newInternalError('so says the script');
    const answer = cloneJson(apply());
    if (fault === 'lost') throw new TypeError('fetch failed');
    await this.#travel(network, signal);
    return answer;
  }

  /** Waits; rejects when the request is given up. What is on its way there may arrive all the same, when nobody waits any more. */
  #travel(network: Network, signal: AbortSignal | undefined, arrives?: () => Lease): Promise<void> {
    return new Promise((resolve, reject) => {
      const isCut = network.isCut();
      let isGivenUp = false;
      const end = (): void => {
        if (!isGivenUp) return resolve();
        if (arrives !== undefined && network.fault() === undefined) attempt(arrives);
      };
      if (!isCut) this.#clock.after(network.delayMs(), end);
      const giveUp = (): void => {
        isGivenUp = true;
        reject(signal?.reason);
      };
      if (signal?.aborted) giveUp();
      else signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #read(): Lease {
    if (this.#lease === undefined) throw newNotFound(LEASES, 'lease');
    return this.#lease;
  }

  #create(lease: Lease): Lease {
    if (this.#lease !== undefined) throw newAlreadyExists(LEASES, 'lease');
    return this.#store(lease);
  }

  #update(lease: Lease): Lease {
    if (lease.metadata.resourceVersion !== this.#read().metadata.resourceVersion) {
      throw newConflict(LEASES, 'lease', 'the object has been modified');
    }
    return this.#store(lease);
  }

  #store(lease: KubeObject): Lease {
    this.#writes++;
    const stored: Lease = cloneJson(lease);
    stored.metadata.resourceVersion = String(++this.#revision);
    this.#lease = stored;
    return stored;
  }
}

function attempt(call: () => unknown): void {
  try {
    call();
  } catch {
    // nobody hears of it
  }
}
