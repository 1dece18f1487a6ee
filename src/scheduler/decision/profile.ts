import { balancedAllocationScore } from '../plugins/balanced-allocation.ts';
import { imageLocalityScore } from '../plugins/image-locality.ts';
import { interPodAffinityFilter } from '../plugins/inter-pod-affinity.ts';
import { interPodAffinityScore } from '../plugins/inter-pod-affinity-score.ts';
import { nodeAffinityFilter, nodeAffinityScore } from '../plugins/node-affinity.ts';
import { nodeName } from '../plugins/node-name.ts';
import { nodePorts } from '../plugins/node-ports.ts';
import { leastAllocatedScore, resourcesFilter } from '../plugins/node-resources-fit.ts';
import { nodeUnschedulable } from '../plugins/node-unschedulable.ts';
import type { FilterPlugin, ScorePlugin } from '../plugins/plugin.ts';
import { spreadFilter } from '../plugins/pod-topology-spread.ts';
import { spreadScore } from '../plugins/pod-topology-spread-score.ts';
import { volumeBinding } from '../plugins/volume-binding.ts';
import { volumeRestrictions } from '../plugins/volume-restrictions.ts';
import { volumeZone } from '../plugins/volume-zone.ts';
import { taintFilter, taintScore } from '../plugins/taint-toleration.ts';

/** The filters of the default profile, in the order in which they are asked: the first that rejects is told. */
export const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintFilter,
  nodeAffinityFilter,
  nodePorts,
  resourcesFilter,
  volumeRestrictions,
  volumeBinding,
  volumeZone,
  spreadFilter,
  interPodAffinityFilter,
];

/** The scores of the default profile. */
export const SCORES: readonly ScorePlugin[] = [
  taintScore,
  nodeAffinityScore,
  leastAllocatedScore,
  spreadScore,
  interPodAffinityScore,
  balancedAllocationScore,
  imageLocalityScore,
];
