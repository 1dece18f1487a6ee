import type { KubeObject } from 'nekube/apimachinery';
import type { ObjectStore } from 'nekube/client';
import { controllerOf } from 'nekube/controller';
import type { Pod } from './pod.ts';

/** The index of pods by the uid of their controller; those of a namespace that have none are together. */
export const PODS_BY_CONTROLLER = 'controller';

/** The values of a pod in {@link PODS_BY_CONTROLLER}; one function, so that all who want the index add the same. */
export function controllerKeysOf(pod: Pod): string[] {
  return [controllerOf(pod)?.uid ?? orphansOf(pod.metadata.namespace)];
}

/** The pods of controllers, by their uids. */
export function podsOwnedBy(pods: ObjectStore<Pod>, uids: Iterable<string | undefined>): Pod[] {
  return [...uids].flatMap((uid) => (uid === undefined ? [] : pods.byIndex(PODS_BY_CONTROLLER, uid)));
}

/** An owner's own pods, and those of its namespace that are nobody's: what it may adopt. */
export function podsNear(pods: ObjectStore<Pod>, { metadata: { uid, namespace } }: KubeObject): Pod[] {
  const orphans = pods.byIndex(PODS_BY_CONTROLLER, orphansOf(namespace));
  return [...podsOwnedBy(pods, [uid]), ...orphans];
}

/** No uid has a slash. */
function orphansOf(namespace: string | undefined): string {
  return `/${namespace}`;
}
