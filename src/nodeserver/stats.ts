import type { KubeObject } from 'nekube/apimachinery';
import type { NodeHost } from './host.ts';
import { type Usage, usageOfProcesses } from './usage.ts';

interface ContainerUsage {
  readonly name: string;
  readonly startedAt: string;
  readonly used: Usage;
}

/** What the containers of the node's pods have used that are processes. */
function podUsages(host: NodeHost): { readonly pod: KubeObject; readonly containers: ContainerUsage[] }[] {
  const pods = host.pods().map((pod) => ({ pod, containers: processesOf(host, pod) }));
  const used = usageOfProcesses(new Set(pods.flatMap(({ containers }) => containers.map(({ pid }) => pid))));
  return pods.map(({ pod, containers }) => ({
    pod,
    containers: containers.flatMap(({ pid, name, startedAt }) => {
      const own = used.get(pid);
      return own === undefined ? [] : [{ name, startedAt, used: own }];
    }),
  }));
}

function processesOf(
  host: NodeHost,
  { metadata, status }: KubeObject,
): { readonly name: string; readonly startedAt: string; readonly pid: number }[] {
  const pod = host.pod(metadata.namespace ?? '', metadata.name ?? '');
  const statuses = (status?.containerStatuses ?? []) as {
    readonly name: string;
    readonly state?: { readonly running?: { readonly startedAt?: string } };
  }[];
  return statuses.flatMap(({ name, state }) => {
    const pid = pod?.running(name)?.pid;
    return pid === undefined ? [] : [{ name, startedAt: state?.running?.startedAt ?? '', pid }];
  });
}

/** `/stats/summary`, of the kubelet's `stats.v1alpha1`: processors and memory alone. */
export function statsSummary(host: NodeHost, now: Date): object {
  const time = now.toISOString().replace(/\.\d+/, '');
  const usage = ({ cpuNanoseconds, memoryBytes }: Usage): object => ({
    cpu: { time, usageCoreNanoSeconds: cpuNanoseconds },
    memory: { time, workingSetBytes: memoryBytes, rssBytes: memoryBytes },
  });
  const pods = podUsages(host);
  const all = pods.flatMap(({ containers }) => containers.map(({ used }) => used));
  return {
    node: { nodeName: host.nodeName, startTime: time, ...usage(total(all)) },
    pods: pods.map(({ pod: { metadata, status }, containers }) => ({
      podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
      startTime: status?.startTime ?? time,
      containers: containers.map(({ name, startedAt, used }) => ({ name, startTime: startedAt, ...usage(used) })),
      ...usage(total(containers.map(({ used }) => used))),
    })),
  };
}

/** `/metrics/resource`, which metrics-server reads. */
export function resourceMetrics(host: NodeHost, now: Date): string {
  const at = now.getTime();
  const rows = podUsages(host).flatMap(({ pod: { metadata }, containers }) =>
    containers.map(({ name, startedAt, used }) => ({
      labels: `{container="${name}",namespace="${metadata.namespace}",pod="${metadata.name}"}`,
      started: Date.parse(startedAt) / 1000 || 0,
      used,
    })),
  );
  const node = total(rows.map(({ used }) => used));
  const family = (name: string, type: string, help: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...lines];
  const seconds = ({ cpuNanoseconds }: Usage): number => cpuNanoseconds / 1e9;
  return [
    ...family(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      rows.map(({ labels, used }) => `container_cpu_usage_seconds_total${labels} ${seconds(used)} ${at}`),
    ),
    ...family(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
      rows.map(({ labels, used }) => `container_memory_working_set_bytes${labels} ${used.memoryBytes} ${at}`),
    ),
    ...family(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      rows.map(({ labels, started }) => `container_start_time_seconds${labels} ${started}`),
    ),
    ...family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [
      `node_cpu_usage_seconds_total ${seconds(node)} ${at}`,
    ]),
    ...family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [
      `node_memory_working_set_bytes ${node.memoryBytes} ${at}`,
    ]),
    '',
  ].join('\n');
}

function total(all: readonly Usage[]): Usage {
  return all.reduce(
    (sum, { cpuNanoseconds, memoryBytes }) => ({
      cpuNanoseconds: sum.cpuNanoseconds + cpuNanoseconds,
      memoryBytes: sum.memoryBytes + memoryBytes,
    }),
    { cpuNanoseconds: 0, memoryBytes: 0 },
  );
}
