import { type Family, addressText } from '../maps/address.ts';
import { idOfKey } from '../maps/backend-ids.ts';
import { layouts } from '../maps/compile.ts';
import { ALGORITHM, BACKEND_FLAG, MODE, PROTOCOL, SCOPE, SERVICE_FLAG } from '../maps/layouts.ts';
import { type EntryWrite, familyOfMap, type ServiceContents, textOf } from '../maps/writes.ts';

/** A backend as the maps have it. */
export interface BackendView {
  readonly address: string;
  readonly port: number;
  /** The address of its node, where it is known. */
  readonly node?: string;
  readonly isLocal: boolean;
  readonly isTerminating: boolean;
  /** How many slots of the frontend's table lead to it. */
  readonly slots: number;
}

/** A frontend as the maps have it. */
export interface FrontendView {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  /** Whose clients find it. */
  readonly scope: 'outside' | 'inside';
  readonly mode: string;
  readonly algorithm: string;
  readonly affinitySeconds: number;
  readonly whenEmpty: 'reject' | 'drop';
  readonly hasSourceRanges: boolean;
  /** Those for new flows. */
  readonly backends: readonly BackendView[];
  /** The number that all frontends of a Service's port have. */
  readonly service: number;
  /** Where it is counted. */
  readonly counter: number;
  /** Its key in the map, as text. */
  readonly key: string;
}

/** The frontends that the maps of Services hold, by their addresses and ports. Pure. */
export function viewFrontends({ entries, table }: ServiceContents): readonly FrontendView[] {
  const backends = new Map(
    entries.filter(({ map }) => map.startsWith('backends')).map((one) => [`${one.map} ${idOfKey(one.key)}`, one]),
  );
  return entries
    .filter(({ map }) => map.startsWith('services'))
    .map((entry) => viewFrontend(entry, table, backends))
    .sort(
      (a, b) =>
        compare(a.address, b.address) ||
        a.port - b.port ||
        compare(a.protocol, b.protocol) ||
        compare(b.scope, a.scope),
    );
}

function viewFrontend(entry: EntryWrite, table: Uint32Array, backends: ReadonlyMap<string, EntryWrite>): FrontendView {
  const family = familyOfMap(entry.map);
  const { serviceKey, service } = layouts(family);
  const key = serviceKey.decode(entry.key);
  const value = service.decode(entry.value as Uint8Array);
  const slots = new Map<number, number>();
  for (const id of table.subarray(value.tableOffset, value.tableOffset + value.tableSize))
    slots.set(id, (slots.get(id) ?? 0) + 1);
  return {
    address: addressText(key.address),
    port: key.port,
    protocol: nameIn(PROTOCOL, key.protocol),
    scope: key.scope === SCOPE.inside ? 'inside' : 'outside',
    mode: nameIn(MODE, value.mode),
    algorithm: nameIn(ALGORITHM, value.algorithm),
    affinitySeconds: value.affinitySeconds,
    whenEmpty: value.flags & SERVICE_FLAG.dropsWhenEmpty ? 'drop' : 'reject',
    hasSourceRanges: (value.flags & SERVICE_FLAG.hasSourceRanges) !== 0,
    backends: [...slots].flatMap(([id, count]) => viewBackend(family, backends.get(`backends${family} ${id}`), count)),
    service: value.id,
    counter: value.counter,
    key: textOf(entry.key),
  };
}

function viewBackend(family: Family, entry: EntryWrite | undefined, slots: number): BackendView[] {
  if (entry?.value === undefined) return [];
  const { address, node, port, flags } = layouts(family).backend.decode(entry.value);
  const nodeText = unmapped(node);
  return [
    {
      address: addressText(address),
      port,
      ...(nodeText !== undefined && { node: nodeText }),
      isLocal: (flags & BACKEND_FLAG.local) !== 0,
      isTerminating: (flags & BACKEND_FLAG.terminating) !== 0,
      slots,
    },
  ];
}

/** An address that one of IPv6 has mapped is one of IPv4; zeros are none. */
export function unmapped(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  const isMapped =
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0);
  return addressText(isMapped ? bytes.slice(12) : bytes);
}

function nameIn(names: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(names).find((name) => names[name] === number) ?? `${number}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
