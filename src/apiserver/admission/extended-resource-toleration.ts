import { type JsonObject, jsonEqual } from 'nekube/apimachinery';
import { isExtendedResource } from 'nekube/quota';
import type { AdmissionPlugin } from '../admission.ts';
import { isPod } from './is-pod.ts';
import type { Toleration } from './tolerations.ts';

/** Pods that ask for an extended resource tolerate the taint of its name, by which others are kept off such nodes. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  mutate(attributes) {
    const { operation, object } = attributes;
    if (!isPod(attributes) || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const { spec } = object!;
    const containers: readonly { readonly resources?: { readonly requests?: JsonObject } }[] = [
      ...(spec.containers ?? []),
      ...(spec.initContainers ?? []),
    ];
    const names = new Set(containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {})));
    for (const key of [...names].filter(isExtendedResource).sort())
      spec.tolerations = withToleration(spec.tolerations ?? [], { key, operator: 'Exists', effect: 'NoSchedule' });
  },
};

/** Adds the toleration, or puts it in the place of one that is about the same taint. */
function withToleration(tolerations: readonly Toleration[], added: Toleration): readonly Toleration[] {
  const { key, effect, operator } = added;
  const isSame = (one: Toleration): boolean =>
    one.key === key && one.effect === effect && one.operator === operator && (one.value ?? '') === '';
  const at = tolerations.findIndex(isSame);
  if (at < 0) return [...tolerations, added];
  if (jsonEqual(tolerations[at] as JsonObject, added as JsonObject)) return tolerations;
  return tolerations.with(at, added);
}
