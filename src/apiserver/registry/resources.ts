import {
  type BuiltinResource,
  builtinGroups,
  builtinResources,
  type ResourceRules,
  type ServedGroup,
} from 'nekube/api';
import { serveBuiltin } from './builtin.ts';
import type { ServedResource } from './served.ts';

/** A group of custom resources as discovery shows it, with what serves it. */
export interface CustomGroup {
  readonly group: ServedGroup;
  readonly resources: readonly ServedResource[];
}

/** All resources that the server serves now: the built-in ones, and the custom ones, which come and go. */
export class Resources {
  readonly #builtin: ReadonlyMap<string, ServedResource>;
  #custom: ReadonlyMap<string, ServedResource> = new Map();
  #customGroups: readonly ServedGroup[] = [];
  readonly #groups: ReadonlySet<string>;
  #generation = 1;
  readonly #listeners: (() => void)[] = [];

  /**
   * @param now the clock that managedFields are stamped with
   * @param ownRules rules in the place of a built-in resource's, by `group/resource`
   */
  constructor(now: () => Date, ownRules: ReadonlyMap<string, ResourceRules> = new Map()) {
    const serve = (resource: BuiltinResource) =>
      serveBuiltin(resource, now, ownRules.get(`${resource.group}/${resource.resource}`));
    this.#builtin = index(builtinResources().map(serve));
    this.#groups = new Set(builtinResources().map((resource) => resource.group));
  }

  /** Counts up whenever the set of resources changes. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls `listener` whenever the set of resources has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The resource with this plural name in this version; undefined if it is not served. */
  find(group: string, version: string, resource: string): ServedResource | undefined {
    const key = `${group}/${version}/${resource}`;
    return this.#builtin.get(key) ?? this.#custom.get(key);
  }

  /** A built-in resource that must be there. */
  builtin(group: string, version: string, resource: string): ServedResource {
    const found = this.#builtin.get(`${group}/${version}/${resource}`);
    if (found === undefined) throw new TypeError(`no built-in resource ${group}/${version}/${resource}`);
    return found;
  }

  /** The resource whose objects are of this kind in this version; undefined if none is served. */
  ofKind(group: string, version: string, kind: string): ServedResource | undefined {
    const isIt = (one: ServedResource): boolean =>
      one.kind === kind && one.group === group && one.version === version && !one.resource.includes('/');
    return [...this.#builtin.values()].find(isIt) ?? [...this.#custom.values()].find(isIt);
  }

  /** The same resource in its other versions and groups, whose objects are stored as the same; where a subresource is asked for, those that have it. */
  equivalents(resource: ServedResource, subresource: string): readonly ServedResource[] {
    const all = resource.custom ? this.#custom : this.#builtin;
    return [...all.values()].filter(
      (other) =>
        other !== resource &&
        other.keyPrefix === resource.keyPrefix &&
        (subresource === '' || other.subresources.some(({ name }) => name === subresource)),
    );
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group) || this.#customGroups.some((g) => g.group === group);
  }

  /** Whether a group is one of custom resources alone. */
  isCustomGroup(group: string): boolean {
    return !this.#groups.has(group) && this.hasGroup(group);
  }

  /** All groups as discovery lists them. */
  groups(): readonly ServedGroup[] {
    return [...builtinGroups(), ...this.#customGroups];
  }

  /** Replaces all custom resources at once. */
  setCustom(groups: readonly CustomGroup[]): void {
    this.#custom = index(groups.flatMap(({ resources }) => resources));
    this.#customGroups = groups.map(({ group }) => group);
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }
}

function index(resources: readonly ServedResource[]): ReadonlyMap<string, ServedResource> {
  return new Map(resources.map((resource) => [`${resource.group}/${resource.version}/${resource.resource}`, resource]));
}
