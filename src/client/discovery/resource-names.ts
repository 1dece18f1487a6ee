import type { ServedResource } from './served-resource.ts';

/**
 * Finds resources by the names that people type, as kubectl does: `deployments`, `deployment`, `Deployment`, `deploy`,
 * `deployments.apps`, `deployments.v1.apps`, `Deployment.v1.apps`. Where several groups or versions have a name, the first
 * in the order of discovery is meant; a group may be shortened if nothing else is called so.
 */
export class ResourceNames {
  readonly #resources: readonly ServedResource[];

  /** @param resources in the order of discovery (`discoverResources`) */
  constructor(resources: readonly ServedResource[]) {
    this.#resources = resources;
  }

  /** The resource that is meant; undefined if the server has none of that name. */
  find(text: string): ServedResource | undefined {
    const [name = '', ...rest] = text.split('.');
    const [version = '', ...group] = rest;
    return (
      (group.length > 0 ? this.#ofVersion(name, version, group.join('.')) : undefined) ??
      this.#ofGroup(name, rest.join('.')) ??
      this.#byKind(name, rest)
    );
  }

  /** The resources of a category, as `all` is one: of each one version, in the order of discovery. */
  category(name: string): ServedResource[] {
    const first = new Map<string, ServedResource>();
    for (const one of this.#resources) {
      const key = `${one.resource}.${one.group}`;
      if (one.categories.includes(name) && !first.has(key)) first.set(key, one);
    }
    return [...first.values()];
  }

  #ofVersion(name: string, version: string, group: string): ServedResource | undefined {
    return called(
      name,
      this.#resources.filter((one) => one.version === version && one.group === group),
    );
  }

  #ofGroup(name: string, group: string): ServedResource | undefined {
    if (group === '') return called(name, this.#resources);
    return (
      called(
        name,
        this.#resources.filter((one) => one.group === group),
      ) ??
      called(
        name,
        this.#resources.filter((one) => one.group.startsWith(group)),
      )
    );
  }

  /** `Kind.version.group` or `Kind.group`: only here case matters, for those whose singular is another word. */
  #byKind(kind: string, rest: readonly string[]): ServedResource | undefined {
    const [version, ...group] = rest;
    const ofKind = this.#resources.filter((one) => one.kind === kind);
    return (
      ofKind.find((one) => group.length > 0 && one.version === version && one.group === group.join('.')) ??
      ofKind.find((one) => one.group === rest.join('.')) ??
      (rest.length === 0 ? ofKind[0] : undefined)
    );
  }
}

/** A resource's full name comes before another's short one. */
function called(name: string, among: readonly ServedResource[]): ServedResource | undefined {
  const lower = name.toLowerCase();
  return (
    among.find((one) => one.resource === lower || one.singular === lower) ??
    among.find((one) => one.shortNames.includes(lower))
  );
}
