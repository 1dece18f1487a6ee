import { type KubeObject, type OwnerReference, parseApiVersion } from 'nekube/apimachinery';
import type { Kind, ObjectKey } from 'nekube/client';
import { type ObjectEvent, priorityOf } from './object-event.ts';
import type { RequestQueue } from './queue/work-queue.ts';

/** Makes requests of events. */
export interface EventHandler<T extends KubeObject = KubeObject, R = ObjectKey> {
  /** What is added without a priority has that of the event. A rejection is logged, and the event is lost. */
  handle(event: ObjectEvent<T>, queue: RequestQueue<R>): void | Promise<void>;
}

/** Says which requests an object is about. */
export type RequestMapper<T extends KubeObject = KubeObject, R = ObjectKey> = (
  object: T,
  event: ObjectEvent<T>,
) => Iterable<R> | Promise<Iterable<R>>;

/** Requests the object itself. */
export const enqueueObject: EventHandler = {
  handle(event, queue) {
    const { namespace, name } = event.object.metadata;
    if (name !== undefined) queue.add(keyOf(namespace, name));
  },
};

/**
 * Requests what a function makes of the object; of an update what it makes of both, so that who is no longer meant
 * hears of that, too. Each once.
 *
 * @param textOf two requests with the same text are one
 */
export function enqueueMapped<T extends KubeObject, R = ObjectKey>(
  map: RequestMapper<T, R>,
  textOf: (request: R) => string = textOfKey as (request: R) => string,
): EventHandler<T, R> {
  return {
    handle(event, queue) {
      const objects = event.type === 'updated' ? [event.old, event.object] : [event.object];
      const found = objects.map((object) => map(object, event));
      if (found.some((requests) => requests instanceof Promise)) {
        return Promise.all(found).then((all) => addEach(all, queue, textOf));
      }
      addEach(found as Iterable<R>[], queue, textOf);
    },
  };
}

/** Which owners are requested. */
export interface OwnerOptions {
  /** False: the owner has no namespace. Default true. */
  readonly namespaced?: boolean;
  /** True: every owner of the kind. False, the default: only one that is the object's controller. */
  readonly matchEveryOwner?: boolean;
}

/** Requests the owners of a kind, in whatever version of its group they are referred to. */
export function enqueueOwner(owner: Kind, options: OwnerOptions = {}): EventHandler {
  const { namespaced = true, matchEveryOwner = false } = options;
  const group = parseApiVersion(owner.apiVersion)?.group;
  const isMeant = (reference: OwnerReference): boolean =>
    (matchEveryOwner || reference.controller === true) &&
    reference.kind === owner.kind &&
    parseApiVersion(reference.apiVersion)?.group === group;
  return enqueueMapped(({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter(isMeant)
      .map(({ name }) => keyOf(namespaced ? metadata.namespace : undefined, name)),
  );
}

/** `namespace/name`, or `name`. */
export function textOfKey({ namespace, name }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The queue, in which what is added without a priority has that of the event. */
export function withPriorityOf<R>(event: ObjectEvent, queue: RequestQueue<R>): RequestQueue<R> {
  const priority = priorityOf(event);
  if (priority === 0) return queue;
  return { add: (request, options) => queue.add(request, { priority, ...options }) };
}

function keyOf(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}

function addEach<R>(found: readonly Iterable<R>[], queue: RequestQueue<R>, textOf: (request: R) => string): void {
  const requests = new Map<string, R>();
  for (const request of found.flatMap((some) => [...some])) requests.set(textOf(request), request);
  for (const request of requests.values()) queue.add(request);
}
