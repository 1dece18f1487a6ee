import type { Loose } from '../rule.ts';
import { allContainers } from './security-profiles.ts';

/**
 * Clears the fields of a pod spec whose features are off by default in Kubernetes 1.36, unless the stored spec (if
 * there is one) uses them: stop signals, scheduling groups, and projected trust bundles and pod certificates.
 */
export function dropDisabledPodFields(spec: Loose, old: Loose): void {
  dropProjections(spec, old, 'clusterTrustBundle');
  dropProjections(spec, old, 'podCertificate');
  if (!old?.schedulingGroup) delete spec.schedulingGroup;
  if (!allContainers(old ?? {}).some((c) => c.lifecycle?.stopSignal !== undefined)) dropStopSignals(spec);
}

function dropProjections(spec: Loose, old: Loose, kind: string): void {
  if (projectionsOf(old).some((source) => source[kind])) return;
  for (const source of projectionsOf(spec)) delete source[kind];
}

function projectionsOf(spec: Loose): Loose[] {
  return (spec?.volumes ?? []).flatMap((volume: Loose) => volume.projected?.sources ?? []);
}

function dropStopSignals(spec: Loose): void {
  for (const container of allContainers(spec)) {
    if (container.lifecycle?.stopSignal === undefined) continue;
    delete container.lifecycle.stopSignal;
    if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
  }
}

/** The same for the status of a pod: image volumes by digest, and claims of a node's own resources. */
export function dropDisabledPodStatusFields(status: Loose, old: Loose): void {
  if (!status) return;
  if (!(old?.nodeAllocatableResourceClaimStatuses?.length > 0)) delete status.nodeAllocatableResourceClaimStatuses;
  if (mountStatusesOf(old).some((mount) => mount.volumeStatus)) return;
  for (const mount of mountStatusesOf(status)) delete mount.volumeStatus;
}

function mountStatusesOf(status: Loose): Loose[] {
  return ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap((list) =>
    (status?.[list] ?? []).flatMap((container: Loose) => container.volumeMounts ?? []),
  );
}

const INIT_CONTAINER_ANNOTATIONS = ['beta', 'alpha'].flatMap((stage) => [
  `pod.${stage}.kubernetes.io/init-containers`,
  `pod.${stage}.kubernetes.io/init-container-statuses`,
]);

/** Removes the annotations that init containers were before they had fields. */
export function dropInitContainerAnnotations(metadata: Loose): void {
  if (!metadata?.annotations) return;
  for (const key of INIT_CONTAINER_ANNOTATIONS) delete metadata.annotations[key];
  if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
}
