import { Grants, type JustifiedRule } from './grants.ts';
import type { ResourcePermission, UsedPermission } from './permission.ts';
import type { NameSoundness } from './stable-names.ts';
import type { Usage } from './used.ts';

/** The roles that suffice for what was used. */
export interface MinimalRoles {
  /** For things of the cluster, and for what is done in any namespace; empty: there is no need of one. */
  readonly cluster: readonly JustifiedRule[];
  /** For single namespaces, by their names. */
  readonly namespaces: ReadonlyMap<string, readonly JustifiedRule[]>;
}

/** How far roles go beyond the very requests that were seen. */
export interface RoleOptions {
  /** Namespaces that stand for any other: what is done there is given in all. */
  readonly isAnyNamespace: (namespace: string) => boolean;
  readonly isNameSound: NameSoundness;
}

/** More names than these are no fixed ones. */
const MOST_NAMES = 5;

/**
 * The smallest roles for what was used: of a namespace where that suffices, bound to names where these are sound (see
 * {@link stableNames}), each verb only if it was used. What was done in several namespaces is given in all.
 */
export function minimalRoles(usage: Usage, options: RoleOptions): MinimalRoles {
  const cluster = new Grants();
  const inNamespaces = new Map<string, Grants>();
  for (const alike of ofOneVerb(usage.resources)) {
    const { isEverywhere, hasNames } = scopeOf(alike, options);
    for (const used of alike) {
      const { namespace } = used.permission;
      if (!isEverywhere && !inNamespaces.has(namespace)) inNamespaces.set(namespace, new Grants());
      (isEverywhere ? cluster : inNamespaces.get(namespace)!).add(used, hasNames);
    }
  }
  for (const used of usage.paths) cluster.addPath(used);
  const namespaces = [...inNamespaces].map(([name, grants]) => [name, grants.rules(cluster)] as const);
  return {
    cluster: cluster.rules(),
    namespaces: new Map(namespaces.filter(([, rules]) => rules.length > 0).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Where one verb on one resource is given, and whether by name. */
function scopeOf(alike: readonly UsedPermission<ResourcePermission>[], { isAnyNamespace, isNameSound }: RoleOptions) {
  const permissions = alike.map(({ permission }) => permission);
  const namespaces = new Set(permissions.map(({ namespace }) => namespace));
  const names = new Set(permissions.map(({ name }) => name));
  const isOfCluster = namespaces.has('');
  const isEverywhere = isOfCluster || namespaces.size > 1 || permissions.some((one) => isAnyNamespace(one.namespace));
  // one name in one namespace that stands for any: the next namespace may have another
  const isFixed = isOfCluster || !isEverywhere || (namespaces.size > 1 && names.size === 1);
  const asGiven = (one: ResourcePermission): ResourcePermission => (isEverywhere ? { ...one, namespace: '' } : one);
  const hasNames =
    isFixed && !names.has('') && names.size <= MOST_NAMES && permissions.every((one) => isNameSound(asGiven(one)));
  return { isEverywhere, hasNames };
}

function ofOneVerb(used: Usage['resources']): Iterable<UsedPermission<ResourcePermission>[]> {
  const groups = new Map<string, UsedPermission<ResourcePermission>[]>();
  for (const one of used) {
    const { group, resource, verb } = one.permission;
    const key = JSON.stringify([group, resource, verb]);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(one);
  }
  return groups.values();
}
