import { type JsonValue, jsonEqual, type KubeObject } from 'nekube/apimachinery';
import { endsByItself, isPodCounted } from 'nekube/quota';

/**
 * Whether less may be used after an update of an object, or something else: all that a controller counts anew for. What is
 * used more was counted when it was admitted.
 *
 * @param resource as `pods` or `deployments.apps`
 */
export function isReplenishing(resource: string, object: KubeObject, old: KubeObject, now: Date): boolean {
  if (resource === 'pods') {
    if (haveResourcesChanged(object, old) || endsByItself(object.spec) !== endsByItself(old.spec)) return true;
    return isPodCounted(old, now) && !isPodCounted(object, now);
  }
  if (resource === 'services') return object.spec.type !== old.spec.type;
  // kube-controller-manager compares amounts of these by identity, so that each change counts
  return resource === 'persistentvolumeclaims';
}

interface ContainerStatus {
  readonly name: string;
  readonly resources?: JsonValue;
}

/** What the node gave to containers. */
function haveResourcesChanged(object: KubeObject, old: KubeObject): boolean {
  const now: readonly ContainerStatus[] = object.status?.containerStatuses ?? [];
  const before: readonly ContainerStatus[] = old.status?.containerStatuses ?? [];
  return before.some(({ name, resources }) => {
    const status = now.find((one) => one.name === name);
    return status !== undefined && !jsonEqual(status.resources, resources);
  });
}
