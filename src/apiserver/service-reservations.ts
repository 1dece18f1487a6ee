import type { MemoryServiceAllocator } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import type { Entry, Storage } from 'nekube/storage';
import type { ServedResource } from './registry/served.ts';
import type { Store } from './registry/store.ts';
import { ensureObject, removeObject } from './system-objects.ts';

/** Node ports that are taken, a key each, so that of several servers one gets a port. */
const PORTS = '/registry/ranges/servicenodeports/';
/** A server needs no longer from a reservation to its service. */
const ORPHANED_MS = 60_000;
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';

/** What reservations are kept in. */
export interface ReservationDeps {
  readonly storage: Storage;
  readonly store: Store;
  /** The resource of IPAddress objects, of which each cluster IP has one (KEP-1880). */
  readonly addresses: ServedResource;
  readonly services: ServedResource;
  readonly now: () => Date;
}

/** Addresses and ports of services as storage has them: who creates the object or the key has it, on whichever server. */
export class ServiceReservations {
  readonly #deps: ReservationDeps;

  constructor(deps: ReservationDeps) {
    this.#deps = deps;
  }

  /** @returns false if somebody else has the address */
  reserveIp(address: KubeObject): Promise<boolean> {
    return ensureObject(this.#deps, this.#deps.now(), this.#deps.addresses, address);
  }

  async releaseIp(ip: string): Promise<void> {
    await removeObject(this.#deps, this.#deps.addresses, ip);
  }

  /** @returns false if somebody else has the port */
  async reservePort(port: number): Promise<boolean> {
    const value = Buffer.from(JSON.stringify({ at: this.#deps.now().getTime() }));
    return (await this.#deps.storage.write({ key: `${PORTS}${port}`, value, expect: 0 })).ok;
  }

  async releasePort(port: number): Promise<void> {
    await this.#deps.storage.write({ key: `${PORTS}${port}`, value: null });
  }

  /**
   * Brings reservations in step with the services that there are: what one has is reserved, and what none has is given
   * back, unless a server may just be about to store its service.
   */
  async repair(portsOf: (service: KubeObject) => readonly number[]): Promise<void> {
    const { storage, store, services, addresses, now } = this.#deps;
    const { entries } = await storage.range(services.keyPrefix);
    const objects = entries.map((entry) => store.decode(services, entry));
    const ports = new Set(objects.flatMap(portsOf));
    const reserved = await storage.range(PORTS);
    const known = new Set(reserved.entries.map(portOf));
    for (const port of ports) if (!known.has(port)) await this.reservePort(port);
    for (const entry of reserved.entries) {
      if (ports.has(portOf(entry)) || isYoung(JSON.parse(Buffer.from(entry.value).toString()).at, now())) continue;
      await storage.write({ key: entry.key, value: null, expect: entry.modRevision });
    }
    const names = new Set(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const entry of (await storage.range(addresses.keyPrefix)).entries) {
      const { metadata, spec } = store.decode(addresses, entry);
      if (metadata.labels?.[MANAGED_BY] !== 'ipallocator.k8s.io') continue;
      if (names.has(`${spec.parentRef.namespace}/${spec.parentRef.name}`)) continue;
      if (isYoung(Date.parse(metadata.creationTimestamp!), now())) continue;
      await storage.write({ key: entry.key, value: null, expect: entry.modRevision });
    }
  }

  /** Keeps what the allocator knows in step with what any server reserves and gives back. */
  async follow(allocator: MemoryServiceAllocator, signal: AbortSignal): Promise<void> {
    const { addresses } = this.#deps;
    await this.#followKeys(addresses.keyPrefix, signal, {
      taken: (ip) => allocator.mark([ip], []),
      free: (ip) => allocator.releaseIp(ip.includes(':') ? 'IPv6' : 'IPv4', ip),
    });
    await this.#followKeys(PORTS, signal, {
      taken: (port) => allocator.mark([], [Number(port)]),
      free: (port) => allocator.releasePort(Number(port)),
    });
  }

  async #followKeys(
    prefix: string,
    signal: AbortSignal,
    to: { readonly taken: (name: string) => void; readonly free: (name: string) => void },
  ): Promise<void> {
    const { storage } = this.#deps;
    const known = new Set<string>();
    const again = async (): Promise<void> => {
      const { entries, revision } = await storage.range(prefix);
      const names = new Set(entries.map(({ key }) => key.slice(prefix.length)));
      for (const name of known) if (!names.has(name)) to.free(name);
      known.clear();
      for (const name of names) {
        known.add(name);
        to.taken(name);
      }
      storage.watch({
        prefix,
        after: revision,
        signal,
        onEvents: (events) => {
          for (const { key, entry } of events) {
            const name = key.slice(prefix.length);
            if (entry === undefined) known.delete(name);
            else known.add(name);
            if (entry === undefined) to.free(name);
            else to.taken(name);
          }
        },
        // what was missed is read; while that cannot be, the storage decides all the same
        onError: () => void (signal.aborted ? undefined : again().catch(() => {})),
      });
    };
    await again();
  }
}

function portOf({ key }: Entry): number {
  return Number(key.slice(PORTS.length));
}

function isYoung(at: number, now: Date): boolean {
  return now.getTime() - at < ORPHANED_MS;
}
