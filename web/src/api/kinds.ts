/** A kind of objects that the server serves, in one version: the one that its group prefers. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Other versions in which it is served. */
  readonly otherVersions: readonly string[];
  /** `apps/v1/deployments`, `core/v1/pods`: as in the address of a view. */
  readonly path: string;
  /** `/apis/apps/v1`, `/api/v1`: below which the API server has it. */
  readonly api: string;
}

interface Discovery {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind: string };
        readonly scope: 'Namespaced' | 'Cluster';
        readonly verbs?: readonly string[];
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
      }[];
    }[];
  }[];
}

/** The kinds of an aggregated discovery, each once, in the first version of its group that has it. */
export function kindsOf(discovery: Discovery): Kind[] {
  const kinds: Kind[] = [];
  for (const { metadata, versions } of discovery.items) {
    const group = metadata?.name ?? '';
    const seen = new Map<string, string[]>();
    for (const { version, resources = [] } of versions)
      for (const found of resources) {
        const others = seen.get(found.resource);
        if (others) {
          others.push(version);
          continue;
        }
        const otherVersions: string[] = [];
        seen.set(found.resource, otherVersions);
        kinds.push({
          group,
          version,
          resource: found.resource,
          kind: found.responseKind?.kind || found.resource,
          namespaced: found.scope === 'Namespaced',
          verbs: found.verbs ?? [],
          shortNames: found.shortNames ?? [],
          categories: found.categories ?? [],
          otherVersions,
          path: `${group || 'core'}/${version}/${found.resource}`,
          api: group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
        });
      }
  }
  return kinds;
}

/** The API server's path of all objects of a kind, or of those of a namespace. */
export function collectionPath(kind: Kind, namespace?: string): string {
  return kind.namespaced && namespace
    ? `${kind.api}/namespaces/${encodeURIComponent(namespace)}/${kind.resource}`
    : `${kind.api}/${kind.resource}`;
}

/** The console's address of a kind's list. */
export function listHref(kind: Kind, namespace?: string): string {
  return `/r/${kind.path}${kind.namespaced && namespace ? `/ns/${encodeURIComponent(namespace)}` : ''}`;
}

/** The console's address of an object. */
export function objectHref(kind: Kind, name: string, namespace?: string): string {
  return `${listHref(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
