import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPod } from './is-pod.ts';
import { resourceList, sameAmounts } from 'nekube/quota';
import { mergeTolerations } from './tolerations.ts';

const OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Pods of a runtime class get its overhead and scheduling. */
export function runtimeClass(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const found = await classOf(deps, attributes);
      if (found?.overhead) applyOverhead(attributes, found.overhead.podFixed);
      if (found?.scheduling) applyScheduling(attributes, found);
    },
    async validate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const { overhead } = attributes.object!.spec;
      const found = await classOf(deps, attributes);
      if (found?.overhead) {
        if (!isSame(overhead, found.overhead.podFixed)) throw admissionForbidden(attributes, OTHER_OVERHEAD);
      } else if (overhead) {
        const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
        throw admissionForbidden(attributes, why);
      }
    },
  };
}

async function classOf(deps: PluginDeps, attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
  const name = attributes.object!.spec.runtimeClassName;
  if (name === undefined) return undefined;
  const resource = deps.resources.builtin('node.k8s.io', 'v1', 'runtimeclasses');
  const found = await deps.store.known(resource, '', name);
  if (found === undefined) throw admissionForbidden(attributes, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

function isSame(overhead: JsonObject | undefined, fixed: JsonObject | undefined): boolean {
  return sameAmounts(resourceList(overhead), resourceList(fixed));
}

function applyOverhead(attributes: AdmissionAttributes, fixed: JsonObject | undefined): void {
  const { spec } = attributes.object!;
  if (Object.keys(spec.overhead ?? {}).length > 0 && !isSame(spec.overhead, fixed))
    throw admissionForbidden(attributes, OTHER_OVERHEAD);
  if (fixed === undefined) delete spec.overhead;
  else spec.overhead = structuredClone(fixed);
}

function applyScheduling(attributes: AdmissionAttributes, found: KubeObject): void {
  const { spec } = attributes.object!;
  const { nodeSelector = {}, tolerations = [] } = found.scheduling;
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      throw admissionForbidden(
        attributes,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  const merged = mergeTolerations(spec.tolerations ?? [], structuredClone(tolerations));
  if (merged.length > 0) spec.tolerations = merged;
}
