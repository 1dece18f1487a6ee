import type { NodeInfo } from '../cluster/node-info.ts';
import type { Pod } from '../objects/pod.ts';
import type { StorageClass } from '../objects/storage.ts';
import { planVolumes, type VolumeConflict, type VolumePlan } from './find-volumes.ts';
import { type ClusterEvent, type FilterPlugin, type Rejection } from './plugin.ts';
import { claimVolumesOf, obstacleOf, podClaimsOf } from './pod-claims.ts';
import { type JsonValue, jsonEqual } from 'nekube/apimachinery';

const NAME = 'VolumeBinding';
const reject = (reason: string): Rejection => ({ plugin: NAME, reasons: [reason], isResolvable: false });
const CONFLICTS: Readonly<Record<VolumeConflict, Rejection>> = {
  affinity: reject("node(s) didn't match PersistentVolume's node affinity"),
  none: reject("node(s) didn't find available persistent volumes to bind"),
  missing: reject('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
};
const UNBOUND = reject('pod has unbound immediate PersistentVolumeClaims');

/** The volumes of a pod must be on its node, or there must be some that can be bound or made there. */
export const volumeBinding: FilterPlugin = {
  name: NAME,
  prepare({ pod }, { volumes }) {
    const obstacle = obstacleOf(pod, volumes);
    if (obstacle !== undefined) return { rejection: reject(obstacle) };
    if (claimVolumesOf(pod).length === 0) return undefined;
    const claims = podClaimsOf(pod, volumes);
    if (claims.unbound.length > 0) return { rejection: UNBOUND };
    const plan = ({ node }: NodeInfo): VolumePlan | VolumeConflict => planVolumes(claims, node!, volumes);
    return {
      filter(node) {
        const found = plan(node);
        return typeof found === 'string' ? CONFLICTS[found] : undefined;
      },
      volumesOn(node) {
        const found = claims.delayed.length === 0 ? 'none' : plan(node);
        return typeof found === 'string' ? undefined : found;
      },
    };
  },
  isHelped(pod, event) {
    const { resource, action, old } = event;
    if (resource === 'Node') return action === 'Add' || action === 'UpdateNodeLabel';
    if (action !== 'Add' && action !== 'Update') return false;
    if (resource === 'PersistentVolumeClaim') return isOfPod(pod, event);
    if (resource === 'StorageClass') return old === undefined || !hasSameTopologies(event);
    return resource === 'PersistentVolume' || (resource === 'CSINode' && old === undefined);
  },
};

/** Whether an event is about a claim of the pod. */
export function isOfPod(pod: Pod, { object, old }: ClusterEvent): boolean {
  const { namespace, name } = (object ?? old)!.metadata;
  return namespace === pod.metadata.namespace && claimVolumesOf(pod).some((claim) => claim.name === name);
}

function hasSameTopologies({ old, object }: ClusterEvent): boolean {
  const [before, now] = [old, object].map((one) => (one as StorageClass).allowedTopologies);
  return jsonEqual(before as JsonValue | undefined, now as JsonValue | undefined);
}
