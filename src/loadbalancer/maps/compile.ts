import type { Backend, Frontend } from '../model/config.ts';
import { DEFAULT_SEED, type HashSeed } from '../maglev/hash.ts';
import { fillTable } from '../maglev/maglev.ts';
import { DEFAULT_SLOTS_PER_BACKEND, tableSize } from '../maglev/table-size.ts';
import { addressBytes, type Family, familyOf, mappedBytes } from './address.ts';
import { BACKEND_FLAG, layoutsOf, PROTOCOL, TARGET_PORT_FLAG } from './layouts.ts';
import { prefixOf } from './prefix.ts';
import type { Rows } from './rows.ts';
import type { EntryWrite } from './writes.ts';

/** How tables are made; all nodes need the same. */
export interface TableOptions {
  readonly seed?: HashSeed;
  /** Slots for each backend, at least. */
  readonly slotsPerBackend?: number;
  /** The slots of all tables instead, however many backends there are: a prime. */
  readonly size?: number;
}

const LAYOUTS = { 4: layoutsOf(4), 6: layoutsOf(6) } as const;

/** The layouts of a family, made once. */
export function layouts(family: Family) {
  return LAYOUTS[family];
}

/**
 * What tells a backend apart from others at a node. Each Service's port, by its number, has its own: flows and clients that know one know the
 * Service as well, so that it is nothing to others what becomes of it there.
 */
export function backendName(
  { address, port }: Pick<Backend, 'address' | 'port'>,
  { protocol }: Pick<Frontend, 'protocol'>,
  service: number,
): string {
  return `${service} ${address} ${port} ${protocol}`;
}

/** A backend's value in its map. */
export function backendValue(backend: Backend, { protocol }: Pick<Frontend, 'protocol'>, service: number): Uint8Array {
  const family = familyOf(backend.address);
  return layouts(family).backend.encode({
    address: addressBytes(backend.address),
    node: backend.nodeAddress === undefined ? new Uint8Array(16) : mappedBytes(backend.nodeAddress),
    service,
    port: backend.port,
    protocol: PROTOCOL[protocol],
    flags: backendFlags(backend),
  });
}

/** The flags of a backend's value. */
export function backendFlags({ isLocal, isTerminating }: Backend): number {
  return (isLocal ? BACKEND_FLAG.local : 0) | (isTerminating ? BACKEND_FLAG.terminating : 0);
}

/**
 * A table of the numbers of backends, of which those that end are left out; for random picks one slot for each. `take` gives an
 * array of zeros for it.
 */
export function tableOf(
  backends: readonly Backend[],
  ids: readonly number[],
  isRandom: boolean,
  { take = (size: number) => new Uint32Array(size), ...options }: TableOptions & Partial<Pick<Rows, 'take'>> = {},
): Uint32Array {
  const active = backends.every(isActive) ? backends : backends.filter(isActive);
  const numbers = active === backends ? ids : ids.filter((_, i) => isActive(backends[i] as Backend));
  if (isRandom) return Uint32Array.from(numbers);
  const { seed = DEFAULT_SEED, slotsPerBackend = DEFAULT_SLOTS_PER_BACKEND } = options;
  const names = active.map(({ address, port }) => `${address} ${port}`);
  const table = take(active.length === 0 ? 0 : (options.size ?? tableSize(active.length, slotsPerBackend)));
  // with numbers from the start: tables are most of what is made when all Services are
  fillTable(table, names, { numbers, seed });
  return table;
}

function isActive({ isTerminating }: Backend): boolean {
  return !isTerminating;
}

/** The entries by which this node knows the ports of the frontend's backends that are its own. */
export function targetPortsOf(frontend: Frontend): EntryWrite[] {
  const local = backendsOf(frontend).filter(({ isLocal }) => isLocal);
  for (const one of frontend.forOthers ?? []) if (one.isLocal) local.push(one);
  // on most nodes most Services have nothing
  if (local.length === 0) return [];
  const family = familyOf(frontend.address);
  const { targetPortKey, targetPort } = layouts(family);
  const entry = ({ address, port }: Backend, carried: number, flags: number): EntryWrite => ({
    map: `target_ports${family}` as const,
    key: targetPortKey.encode({
      // the same port of other nodes' addresses is the same one
      frontend: frontend.isNodePort ? new Uint8Array(family === 4 ? 4 : 16) : addressBytes(frontend.address),
      pod: addressBytes(address),
      port: frontend.port,
      carried,
      protocol: PROTOCOL[frontend.protocol],
    }),
    value: targetPort.encode({ port, flags }),
  });
  return local.flatMap((backend) =>
    backend.carriesPort
      ? [entry(backend, 0, TARGET_PORT_FLAG.ambiguous), entry(backend, backend.port, 0)]
      : [entry(backend, 0, 0)],
  );
}

/** All backends of a frontend, each once. */
export function backendsOf({ backends, insideBackends = [] }: Frontend): readonly Backend[] {
  if (insideBackends.length === 0) return backends;
  const known = new Set(backends.map(({ address, port }) => `${address} ${port}`));
  return [...backends, ...insideBackends.filter(({ address, port }) => !known.has(`${address} ${port}`))];
}

/** The entries of a frontend's source ranges, for the service's id. */
export function sourceRangesOf({ sourceRanges = [], address }: Frontend, service: number): EntryWrite[] {
  const family = familyOf(address);
  return sourceRanges.map((range) => {
    // the kernel takes ranges for the same that differ behind the prefix
    const { base, bits } = prefixOf(range, family);
    return {
      map: `source_ranges${family}` as const,
      key: layouts(family).sourceRangeKey.encode({ prefix: 32 + bits, service, address: base }),
      value: Uint8Array.of(1),
    };
  });
}
