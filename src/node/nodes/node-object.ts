import { formatTime, type KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A node, as far as it writes itself. */
export interface Node extends KubeObject {
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  };
  readonly status?: NodeStatus;
}

/** What a node says of itself. */
export interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly conditions?: readonly NodeCondition[];
  readonly daemonEndpoints?: { readonly kubeletEndpoint: { readonly Port: number } };
  readonly nodeInfo?: Readonly<Record<string, string>>;
  readonly declaredFeatures?: readonly string[];
}

/** One thing that is so with a node, or is not. */
export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastHeartbeatTime?: string | null;
  readonly lastTransitionTime?: string | null;
}

/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

/** What a node is made of. */
export interface NodeDescription {
  readonly name: string;
  readonly address: string;
  readonly podRange?: string;
  /** Where its server listens; absent: it has none. */
  readonly port?: number;
  readonly capacity: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly info: Readonly<Record<string, string>>;
  /** The machine's, in the words of Go: `linux`, `amd64`. */
  readonly os: string;
  readonly architecture: string;
}

/** The node as it registers itself, with the conditions of the kubelet. */
export function nodeObject(node: NodeDescription, now: number): Node {
  const { name, os, architecture, podRange, labels = {} } = node;
  const names = { 'kubernetes.io/os': os, 'kubernetes.io/arch': architecture };
  return {
    ...NODE,
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': os,
        ...names,
        'kubernetes.io/hostname': name,
        ...labels,
      },
    },
    ...(podRange !== undefined && { spec: { podCIDR: podRange, podCIDRs: [podRange] } }),
    status: nodeStatus(node, now),
  };
}

/** What a node says of itself now; since when is taken over from before. */
export function nodeStatus(node: NodeDescription, now: number, before: NodeStatus = {}): NodeStatus {
  const { name, address, port, capacity, info } = node;
  return {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    allocatable: capacity,
    capacity,
    conditions: conditions(formatTime(new Date(now)), before.conditions ?? []),
    daemonEndpoints: { kubeletEndpoint: { Port: port ?? 0 } },
    nodeInfo: info,
    // its server takes WebSockets of exec, attach and port-forward: the API server need not translate them
    ...(port !== undefined && { declaredFeatures: ['ExtendWebSocketsToKubelet'] }),
  };
}

const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

/** Whether somebody else said of a node that it is otherwise than it says. */
export function isContradicted({ status }: Node): boolean {
  return CONDITIONS.some(([type, own]) => status?.conditions?.find((one) => one.type === type)?.status !== own);
}

function conditions(now: string, before: readonly NodeCondition[]): NodeCondition[] {
  return CONDITIONS.map(([type, status, reason, message]) => {
    const old = before.find((one) => one.type === type);
    const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
  });
}
