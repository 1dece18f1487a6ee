/**
 * What several components of a cluster must decide in the same way: whether a node is one that a pod, or a volume, may be on;
 * whether a taint is tolerated; which volume is for a claim; which zone a node is in. Upstream has the same in
 * `k8s.io/component-helpers`.
 *
 * What it does not do: it reads and writes nothing, and has no kinds of its own: objects are seen as far as is asked.
 */
export {
  isEmptyTerm,
  matchAnyTerm,
  matchTerm,
  type NodeDemands,
  type NodeMatch,
  type NodeSelector,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  requiredNodes,
} from './scheduling/node-affinity.ts';
export { isTolerated, keepsAway, type Taint, type Toleration, tolerates } from './scheduling/taints.ts';
export type { PodCondition } from './pod-condition.ts';
export { zoneOf } from './node/zone.ts';
export { bindVolume } from './storage/bind-volume.ts';
export { findMatchingVolume, isOnNode, type MatchOptions } from './storage/find-matching-volume.ts';
export {
  BOUND_BY_CONTROLLER,
  capacityOf,
  classNameOf,
  differInMode,
  hasAccessModes,
  isVolumeFor,
  type PersistentVolume,
  type PersistentVolumeClaim,
  requestedOf,
} from './storage/persistent-volume.ts';
