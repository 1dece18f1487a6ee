import { apiVersionOf } from 'nekube/apimachinery';
import { type DiscoveredResource, discoveryFacts } from './facts.ts';
import { builtinRules } from './rules/index.ts';
import type { ResourceRules } from './rules/resource-rules.ts';

/** A part of a resource with an own endpoint, such as `status` or `scale`. */
export interface BuiltinSubresource {
  readonly name: string;
  /** What the endpoint takes and gives; it may be of another group (`autoscaling/v1` Scale). */
  readonly apiVersion: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A resource in one served version; the same resource in another version is another value with the same `hub`. */
export interface BuiltinResource {
  readonly group: string;
  readonly version: string;
  /** `version` with its group, as objects spell it. */
  readonly apiVersion: string;
  /** The plural name in URLs. */
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly BuiltinSubresource[];
  /** The group and version in which objects are stored and to which `rules` apply. */
  readonly hub: { readonly group: string; readonly version: string };
  /** `hub` as objects spell it. */
  readonly hubApiVersion: string;
  /**
   * The folder of stored objects in kube-apiserver's etcd, without the leading `/registry/` and the trailing slash
   * (`services/specs`); some messages name keys. Versions and groups that share objects share it.
   */
  readonly storagePrefix: string;
  /** A text for the Warning header of every answer about a deprecated resource. */
  readonly deprecation?: string;
  /** Defaults, validation and strategy of the resource; they see objects in the hub version. */
  readonly rules: ResourceRules;
}

/** Resources whose etcd folder is not named as they are. */
const prefixes: Readonly<Record<string, string>> = {
  'apiregistration.k8s.io/apiservices': 'apiregistration.k8s.io/apiservices',
  'apiextensions.k8s.io/customresourcedefinitions': 'apiextensions.k8s.io/customresourcedefinitions',
  '/endpoints': 'services/endpoints',
  '/nodes': 'minions',
  '/replicationcontrollers': 'controllers',
  '/services': 'services/specs',
  'networking.k8s.io/ingresses': 'ingress',
};

/** Kinds that are stored in another version, or another group, than one they are served in. */
const hubs: Readonly<Record<string, { group: string; version: string }>> = {
  'autoscaling/horizontalpodautoscalers': { group: 'autoscaling', version: 'v2' },
  'events.k8s.io/events': { group: '', version: 'v1' },
};

/** What clients of deprecated kinds are told. */
const deprecations: Readonly<Record<string, string>> = {
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ComponentStatus: 'v1 ComponentStatus is deprecated in v1.19+',
};

const noRules: ResourceRules = {};
let all: readonly BuiltinResource[] | undefined;
let index: ReadonlyMap<string, BuiltinResource> | undefined;

/** Every built-in resource in every served version, in the order of discovery. */
export function builtinResources(): readonly BuiltinResource[] {
  all ??= discoveryFacts().groups.flatMap(({ group, versions }) =>
    versions.flatMap(({ version, resources }) => resources.map((r) => builtinResource(group, version, r))),
  );
  return all;
}

/** The built-in resource with this plural name; undefined when the version is not served or has no such resource. */
export function findResource(group: string, version: string, resource: string): BuiltinResource | undefined {
  index ??= new Map(builtinResources().map((r) => [`${r.apiVersion}/${r.resource}`, r]));
  return index.get(`${apiVersionOf({ group, version })}/${resource}`);
}

/** The built-in resource whose objects are of this kind; undefined for kinds that no resource holds (Scale, Status). */
export function findResourceOfKind(apiVersion: string, kind: string): BuiltinResource | undefined {
  return builtinResources().find((r) => r.kind === kind && r.apiVersion === apiVersion);
}

function builtinResource(group: string, version: string, facts: DiscoveredResource): BuiltinResource {
  const { resource } = facts;
  const hub = hubs[`${group}/${resource}`] ?? { group, version };
  return {
    group,
    version,
    apiVersion: apiVersionOf({ group, version }),
    resource,
    kind: facts.responseKind.kind,
    singular: facts.singularResource,
    namespaced: facts.scope === 'Namespaced',
    shortNames: facts.shortNames ?? [],
    categories: facts.categories ?? [],
    verbs: facts.verbs,
    subresources: (facts.subresources ?? []).map(({ subresource, responseKind, verbs }) => ({
      name: subresource,
      apiVersion: responseKind.version === '' ? apiVersionOf({ group, version }) : apiVersionOf(responseKind),
      kind: responseKind.kind,
      verbs,
    })),
    hub,
    hubApiVersion: apiVersionOf(hub),
    storagePrefix: prefixes[`${group}/${resource}`] ?? resource,
    ...(group === '' && { deprecation: deprecations[facts.responseKind.kind] }),
    get rules() {
      return builtinRules(group)[resource] ?? noRules;
    },
  };
}
