/** What nodes and their pods have used up to a moment. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: readonly NodeSample[];
}

/** A node, with its pods that run. */
export interface NodeSample {
  readonly name: string;
  readonly pods: readonly PodSample[];
}

/** A pod, with its containers that run. */
export interface PodSample {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerSample[];
}

/** A container. */
export interface ContainerSample {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly memoryBytes: number;
  /** Time of processors since it began, or how much of them it uses now, where that is known otherwise. */
  readonly cpu: { readonly usedNanoseconds: number } | { readonly nanocores: number };
}

/** What is used now. */
export interface Use {
  readonly nanocores: number;
  readonly memoryBytes: number;
}

/** What was measured over a while. */
export interface Measured {
  /** Milliseconds since 1970: the end of it. */
  readonly at: number;
  readonly windowMs: number;
}

/** What a pod uses. */
export interface MeasuredPod extends Measured {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly (Use & { readonly name: string })[];
}

/** What the pods of a node use. */
export interface MeasuredNode extends Measured, Use {
  readonly name: string;
}

/** All that was measured. */
export interface Measurements {
  readonly nodes: readonly MeasuredNode[];
  readonly pods: readonly MeasuredPod[];
}

/** Less says nothing of how busy something is. */
const SHORTEST_MS = 100;

/**
 * What was used between two samples. A container that was not in the first one is measured from its start; a pod of which
 * one is too young for that is left out.
 *
 * @param before undefined: there is no earlier one
 * @param resolutionMs how far samples are apart, which is the window of what is known otherwise
 */
export function measure(last: Sample, before: Sample | undefined, resolutionMs: number): Measurements {
  const known = new Map<string, ContainerSample>();
  for (const pod of before?.nodes.flatMap(({ pods }) => pods) ?? [])
    for (const container of pod.containers) known.set(keyOf(pod, container), container);
  const since = (pod: PodSample, container: ContainerSample): Since => {
    const earlier = known.get(keyOf(pod, container));
    if (earlier === undefined || before === undefined) return { at: container.startedAt, usedNanoseconds: 0 };
    return { at: before.at, usedNanoseconds: 'usedNanoseconds' in earlier.cpu ? earlier.cpu.usedNanoseconds : 0 };
  };
  const nodes: MeasuredNode[] = [];
  const pods: MeasuredPod[] = [];
  for (const node of last.nodes) {
    const of = node.pods.map((pod) => measuredPod(pod, { at: last.at, resolutionMs, since })).filter(isMeasured);
    pods.push(...of);
    const all = of.flatMap(({ containers }) => containers);
    const windowMs = before === undefined ? resolutionMs : last.at - before.at;
    nodes.push({ name: node.name, at: last.at, windowMs, ...total(all) });
  }
  return { nodes, pods };
}

/** From when on, and what was used up to then. */
interface Since {
  readonly at: number;
  readonly usedNanoseconds: number;
}

interface Frame {
  readonly at: number;
  readonly resolutionMs: number;
  readonly since: (pod: PodSample, container: ContainerSample) => Since;
}

function measuredPod(pod: PodSample, { at, resolutionMs, since }: Frame): MeasuredPod | undefined {
  const { namespace, name, labels } = pod;
  if (pod.containers.length === 0) return undefined;
  let shortest = Number.POSITIVE_INFINITY;
  const containers = pod.containers.map((container) => {
    const { cpu, memoryBytes } = container;
    if ('nanocores' in cpu) {
      shortest = Math.min(shortest, resolutionMs);
      return { name: container.name, nanocores: cpu.nanocores, memoryBytes };
    }
    const from = since(pod, container);
    const windowMs = at - from.at;
    shortest = Math.min(shortest, windowMs);
    const used = Math.max(0, cpu.usedNanoseconds - from.usedNanoseconds);
    return { name: container.name, nanocores: Math.round((used / Math.max(windowMs, 1)) * 1000), memoryBytes };
  });
  return shortest < SHORTEST_MS ? undefined : { namespace, name, labels, at, windowMs: shortest, containers };
}

/** A container that began again is another one. */
function keyOf({ uid }: PodSample, { name, startedAt }: ContainerSample): string {
  return `${uid} ${name} ${startedAt}`;
}

function isMeasured(pod: MeasuredPod | undefined): pod is MeasuredPod {
  return pod !== undefined;
}

function total(all: readonly Use[]): Use {
  let [nanocores, memoryBytes] = [0, 0];
  for (const use of all) {
    nanocores += use.nanocores;
    memoryBytes += use.memoryBytes;
  }
  return { nanocores, memoryBytes };
}
