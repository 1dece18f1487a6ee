/**
 * Load balancing of Services in the kernel: a Service and its EndpointSlices become frontends with backends, these become maps, and
 * eBPF programs send packets by them, to each backend by SNAT or with replies that go straight to the client.
 *
 * Frontends are chosen as kube-proxy chooses them. What it does not do: it gives no Service an address and announces none (a load
 * balancer's part), enforces no NetworkPolicy, and reaches pods by their addresses, which the network must route.
 */
export { DEFAULT_SEED, type HashSeed, seedOf } from './maglev/hash.ts';
export { type MaglevBackend, maglevTable } from './maglev/maglev.ts';
export { DEFAULT_SLOTS_PER_BACKEND, TABLE_SIZES, tableSize } from './maglev/table-size.ts';
export type { Algorithm, Backend, DatapathConfig, Frontend, Mode, TransportProtocol } from './model/config.ts';
export { balance, type BalancedService, type NodePlace } from './services/frontends.ts';
export {
  DEFAULT_TUNNELS,
  MODE_CONDITION,
  type ModeCondition,
  modesOf,
  type ServedModes,
  type TunnelAbilities,
  tunnelAbilities,
} from './services/modes.ts';
export { type ModeConditionsOptions, writeModeCondition } from './controller/mode-conditions.ts';
export { ALGORITHM_ANNOTATION, type BalancingSettings, MODE_ANNOTATION } from './services/settings.ts';
export { nearlyFull } from './maps/fullness.ts';
export { ServiceMaps, type Capacities, DEFAULT_CAPACITIES } from './maps/service-maps.ts';
export type { EntryWrite, MapName, TableWrite, Writes } from './maps/writes.ts';
export {
  type ServiceBalancing,
  type ServiceBalancingOptions,
  startServiceBalancing,
} from './controller/service-balancing.ts';
export { type HealthAnswer, healthAnswer, type HealthCheck } from './health/answer.ts';
export { healthCheckOf } from './health/health-check.ts';
export { HealthServers, type HealthServersOptions } from './health/health-servers.ts';
export { layoutsOf } from './maps/layouts.ts';
export { addressText, placeText } from './maps/address.ts';
export {
  type Hook,
  NodeDatapath,
  type NodeDatapathOptions,
  nodeProgramsFor,
  type Placed,
  usualHook,
} from './datapath/node-datapath.ts';
export { type EbpfRoutingOptions, startEbpfRouting } from './process-node/ebpf-routing.ts';
export { SocketDatapath, type SocketDatapathOptions } from './sockets/socket-datapath.ts';
export type { SocketOptions } from './sockets/frame.ts';
export { ATTACH, type Attach } from './datapath/fast-attach.ts';
export type { DatapathOptions, NextHop, OuterOptions, OuterSource } from './datapath/options.ts';
export { COUNTERS, type CounterName, type FlowCapacities } from './datapath/maps.ts';
export {
  ConfigError,
  type PacketResult,
  type PacketRun,
  type PacketRunConfig,
  type PacketRunner,
  packetRunner,
  parsePacket,
  PROGRAMS,
  type ProgramName,
  readPacketRunConfig,
} from './packet-run/index.ts';
export { type Capability, HOW_TO_GET_RIGHTS, lackingCapabilities } from './check/rights.ts';
export { type Ability, kernelAbilities, whyNoDatapath } from './check/abilities.ts';
export { DEFAULT_PINS, isPinned, LAYOUT_VERSION, type Removed, removePins } from './pins/folder.ts';
export { type LinkPlace, Links, type LinksOptions } from './pins/links.ts';
export { lockPins } from './agent/agent-lock.ts';
export { LoadBalancerAgent, type SyncMeasure } from './agent/agent.ts';
export { type Device, readDevices } from './agent/devices.ts';
export { type Drop, DropLog, type DropLogOptions, dropText, type ServiceDrops } from './agent/drop-log.ts';
export { addAgentMetrics, frontendsOf, type NamedFrontend } from './agent/metrics.ts';
export type { AgentOptions } from './agent/options.ts';
export { type AgentPlan, arithmetic, type NodeFacts, outerOf, planAgent, type PlanOptions } from './agent/plan.ts';
export { type BackendView, type FrontendView, viewFrontends } from './view/frontends.ts';
export { addressesOf } from './controller/node-addresses.ts';
export { heldFor, HeldServices } from './maps/held.ts';
export type { MemoryUse } from './datapath/readings.ts';
export { type EntryView, viewContents, viewEntry } from './view/entries.ts';
export { PinnedMaps } from './view/pinned.ts';
export { DEFAULT_DATAPATH } from './datapath/options.ts';
export { packetFromWords, trace, type Trace, type TraceOptions, type TraceStep } from './trace/trace.ts';
export { type Layer, layersOf, layersText } from './view/layers.ts';
export { type FrontendRate, type Rates, ratesOf, type Reading } from './view/rates.ts';
export { answerProbes, probePath, whyNoOptions } from './check/path-probe.ts';
export type { ProbePlace, Tunnel } from './check/tunnel-probe.ts';
export {
  type ModeFit,
  modesFor,
  optionVerdict,
  type PathFacts,
  recommended,
  type TunnelFacts,
} from './check/path-report.ts';
