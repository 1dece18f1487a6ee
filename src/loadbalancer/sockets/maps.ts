import { layout, type MapSpec, mapSpec } from 'nekube/bpf';
import { FAMILIES, type Family } from '../maps/address.ts';
import type { DatapathMaps } from '../datapath/maps.ts';

const { be16, bytes, pad, struct, u16, u32, u64 } = layout;

/** How many sockets are remembered of each family, before those that were not used for the longest time are forgotten. */
export const SOCKETS = 65_536;

/** The layouts of the maps by which sockets are remembered. */
export function socketLayoutsOf(family: Family) {
  const address = bytes(family === 4 ? 4 : 16, 4);
  return {
    /** A socket, and the backend that it speaks with. */
    key: struct(`lb${family}_sock_key`, { cookie: u64, address, port: be16, _gap: pad(family === 4 ? 2 : 6) }),
    /** The frontend that the socket was told to speak with, whether the backend has answered since, and when it was asked, in jiffies. */
    frontend: struct(`lb${family}_sock_to`, { address, port: be16, answered: u16, asked: u32 }),
  };
}

/** A client, as affinity knows one at connect time: all sockets of a network namespace. */
export const SocketClient = struct('lb_sock_client', { namespace: u64, service: u32, _gap: pad(4) });
/** The backend that it had, and when. */
export const SocketAffinity = struct('lb_sock_affinity', { backend: u32, seen: u32 });

/** The maps of sockets alone; services and backends are those of the node's datapath. */
export interface SocketMaps {
  readonly affinities: MapSpec;
  readonly 4: MapSpec;
  readonly 6: MapSpec;
}

/** The maps of sockets, as they are made. */
export function socketMaps(sockets = SOCKETS): SocketMaps {
  const made = (name: string, key: layout.Layout, value: layout.Layout) =>
    mapSpec({ name, type: 'lru_hash', key, value, maxEntries: sockets });
  const of = (family: Family) =>
    made(`sock_rev${family}`, socketLayoutsOf(family).key, socketLayoutsOf(family).frontend);
  return { affinities: made('sock_affinities', SocketClient, SocketAffinity), 4: of(4), 6: of(6) };
}

/** Those of a node's datapath that programs of sockets look into. */
export function sharedMaps(maps: DatapathMaps): readonly MapSpec[] {
  const ofFamilies = FAMILIES.flatMap((family) => [maps[family].services, maps[family].backends]);
  return [maps.table, maps.counters, maps.remembered, ...ofFamilies];
}
