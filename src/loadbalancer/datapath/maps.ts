import { layout, type MapSpec, mapSpec } from 'nekube/bpf';
import { FAMILIES, type Family } from '../maps/address.ts';
import type { Layouts } from '../maps/layouts.ts';
import { type Capacities, DEFAULT_CAPACITIES } from '../maps/service-maps.ts';
import { eventMaps } from './events.ts';
import { SHAPES } from './family.ts';
import { STATE_FIELDS } from './flow-state.ts';
import { pathMaps } from './path-size.ts';
import { rememberedMap } from './remember.ts';

const { be16, bytes, pad, struct, u32, u64, u8 } = layout;

/** What clients have sent to a frontend; it stands in `traffic` at the frontend's `counter`. */
export const Traffic = struct('lb_traffic', { packets: u64, bytes: u64 });

/** What does not fit on a program's stack: as much of a packet as an error of IPv6 may have within. */
export const SCRATCH_BYTES = 1232;

/** Why a packet was dropped, or something else happened that is counted. The names are those of metrics. */
export const COUNTERS = [
  'forwarded_local',
  'forwarded_snat',
  'forwarded_ipip',
  'replied_snat',
  'replied_direct',
  'decapsulated',
  'drop_no_backend',
  'drop_source_range',
  'drop_no_target_port',
  'drop_tunnel_source',
  'drop_snat_ports',
  'told_too_big',
  'drop_too_big',
  'error_adjust_room',
  'rejected',
  'drop_reply_clash',
  'drop_no_flow',
  'icmp_echoed',
  'drop_late_piece',
  'drop_extensions',
  'forwarded_geneve',
  'forwarded_ipopt',
  'forwarded_inside',
  'forwarded_hairpin',
  'replied_hairpin',
  'drop_martian',
  'lost_events',
  'drop_no_node_address',
  'option_taken',
  'balanced_socket',
  'refused_socket',
  'drop_no_hop',
  'tunnel_other_port',
  'clamped',
  'given_other_port',
  'drop_table_full',
  'path_size_learned',
] as const;

/** The name of a counter. */
export type CounterName = (typeof COUNTERS)[number];

/** How many flows are remembered, before those that were not used for the longest time are forgotten. */
export interface FlowCapacities {
  readonly flows: number;
}

/** The layouts of the maps by which a family's flows are remembered. */
export function flowLayoutsOf(family: Family) {
  const address = bytes(family === 4 ? 4 : 16, 4);
  const tuple = struct(`lb${family}_tuple`, {
    source: address,
    destination: address,
    sourcePort: be16,
    destinationPort: be16,
    protocol: u8,
    _gap: pad(3),
  });
  return {
    /** A packet's addresses and ports. */
    tuple,
    /** Of a client's packets to a frontend: the backend that it has. */
    flow: struct('lb_flow', { backend: u32, ...STATE_FIELDS }),
    /** Of a pod's packets to a client: the frontend that they must come from, and the client's port. */
    reply: struct(`lb${family}_reply`, { address, port: be16, clientPort: be16, ...STATE_FIELDS }),
    /** Of a backend's packets to the port of this node that stood for a client: where they must go, and come from. */
    translation: struct(`lb${family}_snat`, {
      client: address,
      frontend: address,
      clientPort: be16,
      frontendPort: be16,
      ...STATE_FIELDS,
    }),
    /** Of a client's packets to a frontend: the port that stands for its own, by SNAT, or since to the pod another flow has that. */
    port: struct('lb_snat_port', { port: be16, _gap: pad(2) }),
    affinityKey: struct(`lb${family}_affinity`, { service: u32, client: address }),
    affinity: struct('lb_affinity_to', { backend: u32, seen: u32 }),
    /** Of packets in pieces, by their number: of IPv4 with the protocol behind it. */
    pieceKey: struct(`lb${family}_piece`, { source: address, destination: address, id: u32 }),
    /** What the first piece has, and the others not. */
    piece: struct('lb_ports', { sourcePort: be16, destinationPort: be16, protocol: u8, _gap: pad(3) }),
    tunnelSourceKey: struct(`lb${family}_tunnel`, { prefix: u32, address }),
  };
}

/** Packets in pieces whose ports are remembered: those that are on their way at a time. */
const PIECES = 16_384;

/** The maps of a family. */
export type FamilyMaps = ReturnType<typeof familyMapsOf>;

/** All maps of a node's datapath. */
export interface DatapathMaps {
  readonly table: MapSpec;
  readonly counters: MapSpec;
  readonly traffic: MapSpec;
  readonly events: MapSpec;
  readonly eventBudget: MapSpec;
  readonly scratch: MapSpec;
  readonly remembered: MapSpec;
  readonly pathSizes: MapSpec;
  readonly pathsKnown: MapSpec;
  readonly 4: FamilyMaps;
  readonly 6: FamilyMaps;
}

/** The maps of a node's datapath, as they are made. */
export function datapathMaps(
  capacities: Capacities = DEFAULT_CAPACITIES,
  { flows }: FlowCapacities = { flows: 262_144 },
): DatapathMaps {
  const [four, six] = FAMILIES.map((family) => familyMapsOf(family, SHAPES[family].layouts, capacities, flows)) as [
    FamilyMaps,
    FamilyMaps,
  ];
  return {
    // in memory of this process as well: tables are most of what is written
    table: mapSpec({
      name: 'table',
      type: 'array',
      value: u32,
      maxEntries: capacities.table,
      flags: ['mmapable'],
    }),
    counters: mapSpec({
      name: 'counters',
      type: 'percpu_array',
      value: u64,
      maxEntries: COUNTERS.length,
    }),
    traffic: mapSpec({
      name: 'traffic',
      type: 'percpu_array',
      value: Traffic,
      maxEntries: capacities.services + 1,
    }),
    ...eventMaps(),
    scratch: mapSpec({
      name: 'scratch',
      type: 'percpu_array',
      value: bytes(SCRATCH_BYTES),
      maxEntries: 1,
    }),
    remembered: rememberedMap(),
    ...pathMaps(),
    4: four,
    6: six,
  };
}

/** All of them, as they are made. */
export function specsOf(maps: DatapathMaps): readonly MapSpec[] {
  return [...commonMaps(maps), ...FAMILIES.flatMap((family) => Object.values(maps[family]))];
}

/** Those of the maps that programs of both families share. */
export function commonMaps({
  table,
  counters,
  traffic,
  events,
  eventBudget,
  scratch,
  remembered,
  pathSizes,
  pathsKnown,
}: DatapathMaps): readonly MapSpec[] {
  return [table, counters, traffic, events, eventBudget, scratch, remembered, pathSizes, pathsKnown];
}

function familyMapsOf(family: Family, of: Layouts, { services, backends }: Capacities, flows: number) {
  const layouts = flowLayoutsOf(family);
  const made = (
    name: string,
    type: 'hash' | 'lru_hash' | 'lpm_trie',
    key: layout.Layout,
    value: layout.Layout,
    n: number,
  ) =>
    mapSpec({
      name: `${name}${family}`,
      type,
      key,
      value,
      maxEntries: n,
      flags: type === 'lru_hash' ? [] : ['no_prealloc'],
    });
  return {
    services: made('services', 'hash', of.serviceKey, of.service, services),
    addresses: made('addresses', 'hash', of.address, u8, services),
    backends: made('backends', 'hash', u32, of.backend, backends),
    targetPorts: made('target_ports', 'hash', of.targetPortKey, of.targetPort, backends),
    sourceRanges: made('source_ranges', 'lpm_trie', of.sourceRangeKey, u8, services),
    tunnelSources: made('tunnel_src', 'lpm_trie', layouts.tunnelSourceKey, u8, 65_536),
    flows: made('flows', 'lru_hash', layouts.tuple, layouts.flow, flows),
    replies: made('replies', 'lru_hash', layouts.tuple, layouts.reply, flows),
    snatPorts: made('snat_ports', 'lru_hash', layouts.tuple, layouts.port, flows),
    translations: made('snat_replies', 'lru_hash', layouts.tuple, layouts.translation, flows),
    pieces: made('pieces', 'lru_hash', layouts.pieceKey, layouts.piece, Math.min(flows, PIECES)),
    affinities: made('affinities', 'lru_hash', layouts.affinityKey, layouts.affinity, flows),
  };
}
