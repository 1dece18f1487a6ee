import type { KubeObject } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';

const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A pod that is bound to a node gets the node's zone and region as labels. */
export function podTopologyLabels(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    async mutate(attributes) {
      const { operation, resource, object } = attributes;
      if (operation !== 'CREATE' || resource.group !== '' || resource.resource !== 'pods') return;
      const name = nodeOf(attributes);
      if (!name) return;
      const node = await deps.store.known(deps.resources.builtin('', 'v1', 'nodes'), '', name);
      addLabels(object!, node);
    },
  };
}

/** The node that a pod, or a Binding of one, names. */
function nodeOf({ subresource, object }: AdmissionAttributes): string | undefined {
  if (subresource === '') return object!.spec.nodeName;
  return subresource === 'binding' && object!.target?.kind === 'Node' ? object!.target.name : undefined;
}

/** The pod takes the labels of its Binding over. */
function addLabels({ metadata }: KubeObject, node: KubeObject | undefined): void {
  for (const label of TOPOLOGY_LABELS) {
    const value = node?.metadata.labels?.[label];
    if (value !== undefined) metadata.labels = { ...metadata.labels, [label]: value };
  }
}
