import type { Metrics } from 'nekube/metrics';
import { COUNTERS, type CounterName } from '../datapath/maps.ts';
import type { NodeDatapath } from '../datapath/node-datapath.ts';
import { readTraffic } from '../datapath/readings.ts';
import { DEFAULT_CAPACITIES, type Capacities } from '../maps/service-maps.ts';
import { viewFrontends, type FrontendView } from '../view/frontends.ts';
import type { LoadBalancerAgent } from './agent.ts';

/** Seconds that a write takes: from a Service's to all of a large cluster's. */
const SECONDS = [0.0001, 0.001, 0.01, 0.1, 1, 10];

/** Adds what an agent and its datapath tell. The names begin with `nekube_lb_`. */
export function addAgentMetrics(
  metrics: Metrics,
  agent: LoadBalancerAgent,
  capacities: Capacities = DEFAULT_CAPACITIES,
): void {
  const counts = (name: CounterName): number => agent.datapath?.counters()[name] ?? 0;
  const ofKind = (isOf: (name: CounterName) => boolean) => () =>
    COUNTERS.filter(isOf).map((name) => [[name.replace(/^drop_/, '')], counts(name)] as const);
  metrics.counted(
    { name: 'nekube_lb_dropped_packets_total', help: 'Packets that were dropped, by reason.', labels: ['reason'] },
    ofKind((name) => name.startsWith('drop_')),
  );
  metrics.counted(
    { name: 'nekube_lb_packets_total', help: 'What happened to packets.', labels: ['what'] },
    ofKind((name) => !name.startsWith('drop_')),
  );
  addTraffic(metrics, agent);
  addServiceDrops(metrics, agent);
  addMemory(metrics, agent);
  addMaps(metrics, agent, capacities);
  addPrograms(metrics, agent);
  const sync = metrics.histogram(
    { name: 'nekube_lb_sync_duration_seconds', help: 'How long writing changes to the maps took.', labels: [] },
    SECONDS,
  );
  const entries = metrics.counter({
    name: 'nekube_lb_written_entries_total',
    help: 'Entries of maps that were written.',
    labels: [],
  });
  entries.add([], 0);
  agent.onSync((measure) => {
    sync.observe([], measure.seconds);
    entries.add([], measure.entries);
  });
}

function addTraffic(metrics: Metrics, agent: LoadBalancerAgent): void {
  const labels = ['service', 'address', 'port', 'protocol', 'scope'];
  const read = (what: 'packets' | 'bytes') => () =>
    frontendsOf(agent, { withTable: false }).map(
      (one) =>
        [
          [one.name, one.address, `${one.port}`, one.protocol, one.scope],
          readTraffic((agent.datapath as NodeDatapath).kernelMap('traffic'), one.counter)[what],
        ] as const,
    );
  metrics.counted(
    { name: 'nekube_lb_frontend_packets_total', help: 'Packets that clients have sent to a frontend.', labels },
    read('packets'),
  );
  metrics.counted(
    { name: 'nekube_lb_frontend_bytes_total', help: 'Bytes that clients have sent to a frontend.', labels },
    read('bytes'),
  );
}

/** Of those that the ring buffer tells of: programs count by reason alone. */
function addServiceDrops(metrics: Metrics, agent: LoadBalancerAgent): void {
  metrics.counted(
    {
      name: 'nekube_lb_service_dropped_packets_total',
      help: 'Dropped packets of a Service that were told of, by reason; of a flood some are.',
      labels: ['service', 'reason'],
    },
    () => {
      agent.drops.keep(new Set(agent.maps?.owners.values()));
      return [...agent.drops.byService].map(
        ({ service, reason, count }) => [[service, reason.replace(/^drop_/, '')], count] as const,
      );
    },
  );
}

function addMemory(metrics: Metrics, agent: LoadBalancerAgent): void {
  const read = (what: 'added' | 'refused' | 'evicted') => () =>
    (agent.datapath?.memoryUse() ?? []).flatMap(({ name, [what]: value }) =>
      value === undefined ? [] : [[[name], value] as const],
    );
  const labels = ['map'];
  const name = (what: string): string => `nekube_lb_memory_${what}_total`;
  metrics.counted({ name: name('added'), help: 'Entries that maps of flows and the like got.', labels }, read('added'));
  metrics.counted(
    { name: name('refused'), help: 'Entries for which a map of flows had no place.', labels },
    read('refused'),
  );
  metrics.counted(
    {
      name: name('evicted'),
      help: 'Entries of maps of flows that gave way to others, since the map was full.',
      labels,
    },
    read('evicted'),
  );
}

function addMaps(metrics: Metrics, agent: LoadBalancerAgent, capacities: Capacities): void {
  const names = Object.keys(capacities) as (keyof Capacities)[];
  metrics.gauge(
    { name: 'nekube_lb_map_entries', help: 'Entries of maps of Services that are in use.', labels: ['map'] },
    () => {
      const used = agent.maps?.used;
      return used === undefined ? [] : names.map((name) => [[name], used[name]] as const);
    },
  );
  metrics.gauge(
    { name: 'nekube_lb_map_capacity', help: 'Entries of maps of Services that there is room for.', labels: ['map'] },
    () => names.map((name) => [[name], capacities[name]] as const),
  );
  metrics.counted(
    {
      name: 'nekube_lb_map_overflows_total',
      help: 'Ports of Services for which a map had no room, each counted once until it has some.',
      labels: ['map'],
    },
    () =>
      [...new Set<string>([...names, ...(agent.maps?.overflows.keys() ?? [])])].map((map) => [
        [map],
        agent.maps?.overflows.get(map) ?? 0,
      ]),
  );
}

/** They are zero unless the kernel counts (`kernel.bpf_stats_enabled`), which costs each run some nanoseconds. */
function addPrograms(metrics: Metrics, agent: LoadBalancerAgent): void {
  const read = (what: 'runCount' | 'runTimeNs', unit: number) => () =>
    (agent.datapath?.programs ?? []).map(
      (program) => [[program.spec.name], Number(program.info()[what]) / unit] as const,
    );
  metrics.counted(
    {
      name: 'nekube_lb_program_runs_total',
      help: 'Runs of programs, while the kernel counts them.',
      labels: ['program'],
    },
    read('runCount', 1),
  );
  metrics.counted(
    {
      name: 'nekube_lb_program_run_seconds_total',
      help: 'Time that programs took, while the kernel counts it.',
      labels: ['program'],
    },
    read('runTimeNs', 1e9),
  );
}

/** A frontend, and the Service's port that it is of. */
export interface NamedFrontend extends FrontendView {
  /** `NAMESPACE/SERVICE:PORT`. */
  readonly name: string;
}

/** The frontends that are in the maps, with their names; their backends are in tables. */
export function frontendsOf(agent: LoadBalancerAgent, { withTable = true } = {}): readonly NamedFrontend[] {
  const contents = agent.datapath?.contentsNow({ withTable });
  if (contents === undefined) return [];
  const owners = agent.maps?.owners;
  return viewFrontends(contents).map((view) => ({ name: owners?.get(view.key) ?? '', ...view }));
}
