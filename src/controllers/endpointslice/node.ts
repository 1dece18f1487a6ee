import { type KubeObject, parseQuantity } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A node, as far as endpoints look at it. */
export interface Node extends KubeObject {
  status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** The zone that it is in; empty or undefined: nobody says. */
export function zoneOf({ metadata }: Node): string | undefined {
  return metadata.labels?.['topology.kubernetes.io/zone'];
}

/** Whether its condition `Ready` is true. */
export function isNodeReady({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/**
 * Which part of the CPUs for pods each zone has. Undefined: nobody can say, since a node does not tell its zone or its
 * CPUs, or since there is one zone only.
 */
export function cpuRatios(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>();
  for (const node of nodes) {
    if (CONTROL_PLANE_LABELS.some((label) => label in (node.metadata.labels ?? {})) || !isNodeReady(node)) continue;
    const zone = zoneOf(node);
    const cpu = milliCpu(node);
    if (!zone || cpu === 0) return undefined;
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu);
  }
  const total = [...cpus.values()].reduce((sum, cpu) => sum + cpu, 0);
  if (total === 0 || cpus.size < 2) return undefined;
  return new Map([...cpus].map(([zone, cpu]) => [zone, cpu / total]));
}

function milliCpu({ status }: Node): number {
  const text = status?.allocatable?.cpu;
  return text === undefined ? 0 : Number(parseQuantity(String(text)).milliValue());
}
