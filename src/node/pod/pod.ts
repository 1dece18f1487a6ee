import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Container, ContainerPort, EphemeralContainer } from './container.ts';
import type { PodStatus } from './pod-status.ts';
import type { Volume } from './volume.ts';

/** A pod, as far as a node looks at it. */
export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

/** What a pod asks for. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  readonly volumes?: readonly Volume[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly serviceAccountName?: string;
  readonly enableServiceLinks?: boolean;
  readonly readinessGates?: readonly { readonly conditionType: string }[];
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
  readonly resources?: Resources;
}

/** Requests and limits, by resource. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** Pods. */
export const POD: Kind<Pod> = { apiVersion: 'v1', kind: 'Pod' };

/** `NAME_NAMESPACE(UID)`, as the kubelet names a pod in messages. */
export function describePod({ metadata: { name = '', namespace = '', uid = '' } }: Pod): string {
  return `${name}_${namespace}(${uid})`;
}

/** All that a pod runs: init containers, containers, those that were added for debugging. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** Ports of containers that stay, which a network may have to publish. */
export function portsOf({ spec }: Pod): readonly ContainerPort[] {
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ ports = [] }) => ports);
}

/** Finished for good. */
export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
