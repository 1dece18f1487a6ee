import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { NodeSelector, NodeSelectorTerm, PodCondition, Toleration } from 'nekube/component-helpers';

/** Amounts of resources by name, as objects have them: `cpu: 100m`. */
export type ResourceList = Readonly<Record<string, string>>;

/** A container of a pod, as far as the scheduler looks at it. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly hostIP?: string;
    readonly protocol?: string;
  }[];
  readonly resources?: { readonly requests?: ResourceList };
}

/** To which pods a pod wants to be near, or not. */
export interface PodAffinityTerm {
  readonly topologyKey: string;
  readonly labelSelector?: LabelSelectorObject;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelectorObject;
}

/** Terms of a pod about others. */
export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight: number;
    readonly podAffinityTerm: PodAffinityTerm;
  }[];
}

/** How pods shall be spread over a topology. */
export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelectorObject;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
  readonly matchLabelKeys?: readonly string[];
}

/** A volume of a pod, as far as the scheduler looks at it. */
export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
  readonly ephemeral?: object;
  readonly image?: { readonly reference?: string };
}

/** What a kubelet says of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly resources?: { readonly requests?: ResourceList };
  readonly allocatedResources?: ResourceList;
}

/** A pod, as far as the scheduler looks at it. */
export interface Pod extends KubeObject {
  spec: {
    readonly nodeName?: string;
    readonly schedulerName?: string;
    readonly schedulingGates?: readonly { readonly name: string }[];
    readonly priority?: number;
    readonly preemptionPolicy?: string;
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly affinity?: {
      readonly nodeAffinity?: {
        readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
        readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
          readonly weight: number;
          readonly preference: NodeSelectorTerm;
        }[];
      };
      readonly podAffinity?: PodAffinity;
      readonly podAntiAffinity?: PodAffinity;
    };
    readonly tolerations?: readonly Toleration[];
    readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly overhead?: ResourceList;
    readonly resources?: { readonly requests?: ResourceList };
    readonly volumes?: readonly Volume[];
  };
  status?: {
    readonly phase?: string;
    readonly nominatedNodeName?: string;
    readonly startTime?: string;
    readonly conditions?: readonly PodCondition[];
    /** What is in force and what was promised for the pod as a whole. */
    readonly resources?: { readonly requests?: ResourceList };
    readonly allocatedResources?: ResourceList;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Pods. */
export const POD: Kind<Pod> = { apiVersion: 'v1', kind: 'Pod' };

/** The higher goes first; zero where nobody said. */
export function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/** Whether it will never run again. */
export function isTerminated({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** A pod that says what it is: in lists they do not. */
export function asPod(pod: Pod): Pod {
  return pod.kind === undefined ? { ...POD, ...pod } : pod;
}
