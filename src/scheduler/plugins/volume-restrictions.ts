import type { PodInfo } from '../cluster/pod-info.ts';
import type { Pod } from '../objects/pod.ts';
import type { FilterPlugin, Rejection, World } from './plugin.ts';
import { isOfPod } from './volume-binding.ts';

const NAME = 'VolumeRestrictions';
const reject = (reason: string, isResolvable: boolean): Rejection => ({
  plugin: NAME,
  reasons: [reason],
  isResolvable,
});
const IN_USE = reject(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
  true,
);

/** A claim with the access mode `ReadWriteOncePod` is used by one pod at a time. */
export const volumeRestrictions: FilterPlugin = {
  name: NAME,
  prepare({ pod }, world) {
    const { namespace = '' } = pod.metadata;
    const alone = new Set<string>();
    for (const name of claimNamesOf(pod)) {
      const claim = world.volumes.claim(namespace, name);
      if (claim === undefined) return { rejection: reject(`persistentvolumeclaim "${name}" not found`, false) };
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) alone.add(`${namespace}/${name}`);
    }
    let inUse = [...alone].filter((claim) => isUsed(claim, world)).length;
    if (inUse === 0) return undefined;
    return {
      filter: () => (inUse > 0 ? IN_USE : undefined),
      change(_node, { claims }: PodInfo, sign) {
        inUse += sign * claims.filter((claim) => alone.has(claim)).length;
      },
    };
  },
  isHelped(pod, event) {
    const { resource, action, old } = event;
    if (resource === 'Node') return action === 'Add';
    if (resource === 'PersistentVolumeClaim') return action === 'Add' && isOfPod(pod, event);
    if (action !== 'Delete' || old?.metadata.namespace !== pod.metadata.namespace) return false;
    const claims = claimNamesOf(pod);
    return resource.endsWith('Pod') && claimNamesOf(old as Pod).some((name) => claims.includes(name));
  },
};

function claimNamesOf({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []);
}

function isUsed(claim: string, { cluster }: World): boolean {
  for (const { claims } of cluster.all) if (claims.has(claim)) return true;
  return false;
}
