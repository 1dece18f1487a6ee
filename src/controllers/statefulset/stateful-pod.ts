import type { Pod, PodTemplate } from '../pods/pod.ts';
import { podOf } from '../pods/pod-control.ts';
import { REVISION_LABEL } from '../workload/controller-revision.ts';
import { type Claim, CLAIM, claimName, identityOf, type StatefulSet } from './stateful-set.ts';

const NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** A volume of a pod, as far as it is looked at. */
interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

/** The pod with a number, of a revision of the template. It has no status, by which it is known not to be there yet. */
export function newPod(set: StatefulSet, template: PodTemplate, revision: string, ordinal: number): Pod {
  const pod = podOf(set, template) as Pod;
  const { metadata } = set;
  const name = `${metadata.name}-${ordinal}`;
  const named = withIdentity(set, { ...pod, metadata: { ...pod.metadata, name } });
  const { labels } = named.metadata;
  const { serviceName } = set.spec;
  return {
    ...named,
    metadata: { ...named.metadata, labels: { ...labels, [REVISION_LABEL]: revision } },
    spec: {
      ...withStorage(set, named).spec,
      hostname: name,
      ...(serviceName && { subdomain: serviceName }),
    } as Pod['spec'],
  };
}

/** The revision that a pod says it is of. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[REVISION_LABEL] ?? '';
}

/** Whether a pod says who it is. */
export function hasIdentity(set: StatefulSet, pod: Pod): boolean {
  const { parent, ordinal } = identityOf(pod);
  const { name, labels } = pod.metadata;
  return (
    ordinal >= 0 && parent === set.metadata.name && name === `${parent}-${ordinal}` && labels?.[NAME_LABEL] === name
  );
}

/** The pod, saying who it is. */
export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const { ordinal } = identityOf(pod);
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = { ...pod.metadata.labels, [NAME_LABEL]: name, [INDEX_LABEL]: String(ordinal) };
  return { ...pod, metadata: { ...pod.metadata, name, namespace: set.metadata.namespace, labels } };
}

/** Whether a pod has its claims as volumes. */
export function hasStorage(set: StatefulSet, pod: Pod): boolean {
  const { ordinal } = identityOf(pod);
  const volumes = volumesOf(pod);
  return (set.spec.volumeClaimTemplates ?? []).every((template) => {
    const volume = volumes.find(({ name }) => name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, template, ordinal);
  });
}

/** The pod with its claims as volumes, in place of others of these names. */
export function withStorage(set: StatefulSet, pod: Pod): Pod {
  const { ordinal } = identityOf(pod);
  const templates = set.spec.volumeClaimTemplates ?? [];
  const names = new Set(templates.map(({ metadata }) => metadata.name));
  const claimed = templates.map((template) => ({
    name: template.metadata.name!,
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  const volumes = [...claimed, ...volumesOf(pod).filter(({ name }) => !names.has(name))];
  return volumes.length === 0 ? pod : { ...pod, spec: { ...pod.spec, volumes } as Pod['spec'] };
}

/** The claims of a pod. */
export function claimsOf(set: StatefulSet, pod: Pod): readonly Claim[] {
  const { ordinal } = identityOf(pod);
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const { labels, annotations } = template.metadata;
    return {
      ...CLAIM,
      metadata: {
        name: claimName(set, template, ordinal),
        namespace: set.metadata.namespace,
        labels: { ...labels, ...set.spec.selector.matchLabels },
        ...(annotations && { annotations }),
      },
      spec: template.spec,
    };
  });
}

function volumesOf({ spec }: Pod): readonly Volume[] {
  return (spec as { volumes?: readonly Volume[] }).volumes ?? [];
}
