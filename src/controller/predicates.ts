import { type KubeObject, type LabelSelector, parseLabelSelector } from 'nekube/apimachinery';
import type { ObjectEvent } from './object-event.ts';

/** Whether an event is worth a reconcile. */
export type Predicate<T extends KubeObject = KubeObject> = (event: ObjectEvent<T>) => boolean;

/** Lets pass what `test` says of the object, in its new state where there are two. */
export function matching<T extends KubeObject>(test: (object: T) => boolean): Predicate<T> {
  return (event) => test(event.object);
}

/** Of updates only those that are no resync. */
export const resourceVersionChanged: Predicate = (event) =>
  event.type !== 'updated' || event.old.metadata.resourceVersion !== event.object.metadata.resourceVersion;

/**
 * Of updates only those of what the object should be, not of its status, labels or annotations. The beginning of a deletion
 * passes, or finalizers would never be run; and all updates of kinds that count no generations.
 */
export const generationChanged: Predicate = (event) => {
  if (event.type !== 'updated') return true;
  const [old, now] = [event.old.metadata, event.object.metadata];
  if (old.generation === undefined && now.generation === undefined) return true;
  return old.generation !== now.generation || (!old.deletionTimestamp && !!now.deletionTimestamp);
};

/** Of updates only those of annotations. */
export const annotationChanged: Predicate = (event) =>
  event.type !== 'updated' || !sameEntries(event.old.metadata.annotations, event.object.metadata.annotations);

/** Of updates only those of labels. */
export const labelChanged: Predicate = (event) =>
  event.type !== 'updated' || !sameEntries(event.old.metadata.labels, event.object.metadata.labels);

/** Lets pass objects with the labels, in their new state. @throws if the text is no selector */
export function byLabelSelector(selector: string | LabelSelector): Predicate {
  const parsed = typeof selector === 'string' ? parseLabelSelector(selector) : selector;
  return (event) => parsed.matches(event.object.metadata.labels);
}

/** All must let it pass. */
export function and<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (event) => predicates.every((predicate) => predicate(event));
}

/** One must let it pass. */
export function or<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (event) => predicates.some((predicate) => predicate(event));
}

/** It must not let it pass. */
export function not<T extends KubeObject>(predicate: Predicate<T>): Predicate<T> {
  return (event) => !predicate(event);
}

type Entries = Readonly<Record<string, string>> | undefined;

function sameEntries(a: Entries = {}, b: Entries = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
