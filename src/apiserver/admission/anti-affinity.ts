import { newForbidden } from 'nekube/apimachinery';
import type { AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/served.ts';
import { isPod } from './is-pod.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** Pods may only keep others off their node, not off a zone or the cluster. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  validate(attributes) {
    const { operation, resource, object } = attributes;
    if (!isPod(attributes) || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const { spec, metadata } = object!;
    const terms: readonly { readonly topologyKey: string }[] =
      spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const other = terms.find(({ topologyKey }) => topologyKey !== HOSTNAME);
    if (other === undefined) return;
    const why = `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key ${HOSTNAME} is allowed`;
    throw newForbidden(groupResource(resource), metadata.name ?? '', why);
  },
};
