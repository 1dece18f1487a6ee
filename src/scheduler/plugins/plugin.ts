import type { KubeObject } from 'nekube/apimachinery';
import type { NamespaceLabels } from '../cluster/affinity-term.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { Volumes } from '../cluster/volumes.ts';
import type { Pod } from '../objects/pod.ts';
import type { VolumePlan } from './find-volumes.ts';

/** What a decision may look at. */
export interface World {
  readonly cluster: Cluster;
  readonly volumes: Volumes;
  readonly labelsOf: NamespaceLabels;
  /** A service or a workload; undefined: there is none. */
  readonly object: <T extends KubeObject>(kind: string, namespace: string, name: string) => T | undefined;
  /** All of them of a kind in a namespace. */
  readonly objects: <T extends KubeObject>(kind: string, namespace: string) => readonly T[];
}

/** Why a pod does not fit. */
export interface Rejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Whether it might fit if pods went away. */
  readonly isResolvable: boolean;
}

/** A filter that has looked at a pod. */
export interface PreparedFilter {
  /** The pod fits on no node, whatever it is. */
  readonly rejection?: Rejection;
  /** It can only be one of these. */
  readonly nodes?: ReadonlySet<string>;
  /** Undefined: it fits. */
  filter?(node: NodeInfo): Rejection | undefined;
  /** What becomes of it if a pod came to a node (1), or went (-1). */
  change?(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void;
  /** What has to be done for the pod's volumes on a node that it fits on; undefined: nothing. */
  volumesOn?(node: NodeInfo): VolumePlan | undefined;
}

/** What happens in a cluster that may make a pod fit that did not. */
export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
  readonly old?: KubeObject;
  readonly object?: KubeObject;
}

/** What an event is about. */
export type EventResource =
  | 'Node'
  | 'AssignedPod'
  | 'UnscheduledPod'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'Any';

/** What became of it; of an update, what of it changed. */
export type EventAction =
  | 'Add'
  | 'Delete'
  | 'Update'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated';

/** Decides on which nodes a pod can be. */
export interface FilterPlugin {
  readonly name: string;
  /** Looks at a pod once; undefined: there is nothing to filter for it. */
  prepare(pod: PodInfo, world: World): PreparedFilter | undefined;
  /** Whether a pod that it rejected may fit after an event. */
  isHelped(pod: Pod, event: ClusterEvent, world: World): boolean;
}

/** A score that has looked at a pod. */
export interface PreparedScore {
  /** The more, the better. */
  score(node: NodeInfo): number;
  /** Brings the scores of all nodes to what they shall be, from 0 to 100. Default: they are. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

/** Decides which of the nodes is best for a pod. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  /** Looks at a pod and the nodes that it fits on; undefined: they are all the same to it. */
  prepare(pod: PodInfo, nodes: readonly NodeInfo[], world: World): PreparedScore | undefined;
}

/** The best score. */
export const MAX_SCORE = 100;

/** Scales scores so that the highest is the best, or the worst. */
export function normalizeScores(scores: number[], isReverse = false): void {
  const highest = Math.max(0, ...scores);
  for (const [index, score] of scores.entries()) {
    const scaled = highest === 0 ? 0 : Math.trunc((MAX_SCORE * score) / highest);
    scores[index] = isReverse ? MAX_SCORE - scaled : scaled;
  }
}

/** Whether an event is about the pod itself. */
export function isAbout(pod: Pod, { object, old }: ClusterEvent): boolean {
  return (object ?? old)?.metadata.uid === pod.metadata.uid;
}
