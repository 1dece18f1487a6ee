import { ElementKind, type FieldPath } from 'nekube/smd';

/** Fields that say nothing of what anybody wants: which object it is, and what changes with every write, or with time alone. */
const NOISE = [
  'metadata.name',
  'metadata.namespace',
  'metadata.generateName',
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'status.observedGeneration',
  // beats of the hearts of leaders and nodes
  'spec.renewTime',
  'status.conditions.*.lastTransitionTime',
  'status.conditions.*.lastHeartbeatTime',
  'status.conditions.*.lastProbeTime',
  'status.conditions.*.lastUpdateTime',
  'status.conditions.*.observedGeneration',
].map((text) => text.split('.'));

/** Annotations that repeat the object, or tell of leaders. */
const NOISY_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'control-plane.alpha.kubernetes.io/leader',
]);

/** Whether a field is left out of histories unless it is asked for. */
export function isNoise(path: FieldPath): boolean {
  const [first, second, third] = path;
  if (first?.name === 'metadata' && second?.name === 'annotations')
    return path.length === 3 && NOISY_ANNOTATIONS.has(third!.name);
  if (path.length < 2 || path.length > 4) return false;
  return NOISE.some(
    (names) =>
      names.length === path.length &&
      names.every((name, i) => (name === '*' ? path[i]!.kind !== ElementKind.field : path[i]!.name === name)),
  );
}
