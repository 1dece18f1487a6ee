import { isOfResource, actorOf, type TrailRequest } from '../trail/request.ts';
import type { ResourcePermission } from './permission.ts';

/** Whether a permission may be bound to its name: the next run, with other objects, would ask for the same one. */
export type NameSoundness = (permission: ResourcePermission) => boolean;

/**
 * Names that do not follow from what others made: of objects of the cluster, or of a user's own namespace, and neither part of the name
 * of an object that somebody else wrote nor the other way round. All else could be another name for another object.
 *
 * @param home the namespace that the user lives in
 */
export function stableNames(requests: readonly TrailRequest[], user: string, home: string | undefined): NameSoundness {
  const foreign = [...namesWrittenByOthers(requests, user)];
  const isRelated = (name: string): boolean => foreign.some((one) => name.includes(one) || one.includes(name));
  return ({ name, namespace, verb }) =>
    // what one may do as another, or bind, is a name by itself
    ['impersonate', 'bind', 'approve', 'sign'].includes(verb) ||
    ((namespace === '' || namespace === home) && !isRelated(name));
}

function* namesWrittenByOthers(requests: readonly TrailRequest[], user: string): Generator<string> {
  const seen = new Set<string>();
  for (const request of requests) {
    const { target, verb, body } = request;
    if (actorOf(request).name === user || !isOfResource(target) || !['create', 'update', 'patch'].includes(verb))
      continue;
    // their names follow from those of others, and nobody's follow from theirs
    if (target.resource === 'events') continue;
    const { name = '' } = (body?.metadata ?? {}) as { readonly name?: string };
    for (const one of [target.name, name]) {
      if (one === '' || seen.has(one)) continue;
      seen.add(one);
      yield one;
    }
  }
}
