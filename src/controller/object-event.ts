import type { KubeObject } from 'nekube/apimachinery';

/** Something happened to an object, or it is asked to be looked at. Objects are shared: nobody may change them. */
export type ObjectEvent<T extends KubeObject = KubeObject> =
  /** `initial`: it was there before anybody looked. */
  | { readonly type: 'created'; readonly object: T; readonly initial: boolean }
  /** Also when nothing changed, after a resync. */
  | { readonly type: 'updated'; readonly object: T; readonly old: T }
  /** `final` is false where the deletion was missed and `object` is what was last known. */
  | { readonly type: 'deleted'; readonly object: T; readonly final: boolean }
  /** Of something else than the API. */
  | { readonly type: 'generic'; readonly object: T };

/** The priority of what nothing new is known of: what was there at the start, and resyncs. */
export const LOW_PRIORITY = -100;

/** How urgent an event is. */
export function priorityOf(event: ObjectEvent): number {
  const initial = event.type === 'created' && event.initial;
  const same = event.type === 'updated' && event.old.metadata.resourceVersion === event.object.metadata.resourceVersion;
  return initial || same ? LOW_PRIORITY : 0;
}
