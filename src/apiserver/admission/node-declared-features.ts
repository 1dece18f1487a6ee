import { jsonEqual, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import { admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';

interface Container {
  readonly restartPolicy?: string;
  readonly resources?: JsonObject;
}

/** What a change of a pod needs its node to be able to do, by the name under which nodes declare that. */
const NEEDED: Readonly<Record<string, (pod: KubeObject, old: KubeObject) => boolean>> = {
  InPlacePodLevelResourcesVerticalScaling: ({ spec }, old) =>
    !jsonEqual(spec.resources ?? null, old.spec.resources ?? null),
  InPlacePodVerticalScalingInitContainers: ({ spec }, old) =>
    ((old.spec.initContainers ?? []) as Container[]).some(
      ({ restartPolicy, resources = {} }, i) =>
        restartPolicy !== 'Always' && !jsonEqual(resources, spec.initContainers?.[i]?.resources ?? {}),
    ),
};

/** A pod on a node changes only as the node says that it can. */
export function nodeDeclaredFeatures(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    async validate(attributes) {
      const { operation, resource, subresource, object, old } = attributes;
      if (operation !== 'UPDATE' || resource.group !== '' || resource.resource !== 'pods') return;
      if (subresource !== '' && subresource !== 'resize') return;
      const name: string = object!.spec.nodeName ?? '';
      if (name === '' || object!.metadata.generation === old!.metadata.generation) return;
      const needed = Object.keys(NEEDED).filter((feature) => NEEDED[feature]!(object!, old!));
      if (needed.length === 0) return;
      const node = await deps.store.known(deps.resources.builtin('', 'v1', 'nodes'), '', name);
      if (node === undefined) throw admissionForbidden(attributes, `node "${name}" not found`);
      const declared: readonly string[] = node.status?.declaredFeatures ?? [];
      const missing = needed.filter((feature) => !declared.includes(feature));
      if (missing.length === 0) return;
      const why = `pod update requires features ${missing.join(', ')} which are not available on node "${name}"`;
      throw admissionForbidden(attributes, why);
    },
  };
}
