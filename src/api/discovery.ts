import { apiVersionOf, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { type DiscoveredResource, discoveryFacts } from './facts.ts';
import { findResource } from './resources.ts';
import { storageVersionHash } from './storage-version.ts';

/** A version of a group as discovery shows it. */
export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly ServedResource[];
  /** Default `Current`; `Stale` for an aggregated API whose server did not answer. */
  readonly freshness?: 'Current' | 'Stale';
}

/** A resource as discovery shows it, with the hash of its storage version in the plain form. */
export interface ServedResource extends DiscoveredResource {
  readonly storageVersionHash?: string;
}

/** A group with its versions, the preferred first. The core group is `''`. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly ServedVersion[];
}

let served: readonly ServedGroup[] | undefined;

/** The built-in groups in the order in which kube-apiserver lists them; the core group is the first. */
export function builtinGroups(): readonly ServedGroup[] {
  served ??= discoveryFacts().groups.map(({ group, versions }) => ({
    group,
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map((resource) => withHash(group, version, resource)),
    })),
  }));
  return served;
}

/** Resources that kube-apiserver stores in a version that it does not serve. */
const storedVersions: Readonly<Record<string, string>> = {
  customresourcedefinitions: 'v1beta1',
  mutatingadmissionpolicies: 'v1beta1',
  mutatingadmissionpolicybindings: 'v1beta1',
};

/** Only what is stored has a hash: that of the kind it is stored as. */
function withHash(group: string, version: string, served: DiscoveredResource): ServedResource {
  const resource = findResource(group, version, served.resource);
  if (resource === undefined || !resource.verbs.includes('create') || !resource.verbs.includes('list')) return served;
  const { hub, kind } = resource;
  const stored = { group: hub.group, version: storedVersions[served.resource] ?? hub.version, kind };
  return { ...served, storageVersionHash: storageVersionHash(stored) };
}

/** The answer of `GET /api` in its plain form; `serverAddress` is `host:port` as clients reach it. */
export function apiVersionsDocument(serverAddress: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** The answer of `GET /apis` in its plain form: all groups but the core group. */
export function apiGroupListDocument(groups: readonly ServedGroup[]): JsonObject {
  const named = groups.filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupFields) };
}

/** The answer of `GET /apis/GROUP`. */
export function apiGroupDocument(group: ServedGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) };
}

function groupFields({ group, versions }: ServedGroup): JsonObject {
  const docs = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: docs, preferredVersion: { ...docs[0]! } };
}

/** The answer of `GET /apis/GROUP/VERSION` and `GET /api/v1`: resources, each followed by its subresources. */
export function apiResourceListDocument(group: string, { version, resources }: ServedVersion): JsonObject {
  return {
    kind: 'APIResourceList',
    // kube-apiserver leaves the version out of the core group's list
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.flatMap((resource) => resourceEntries(resource, { group, version })),
  };
}

function resourceEntries(resource: ServedResource, of: GroupVersion): JsonObject[] {
  const namespaced = resource.scope === 'Namespaced';
  const main: JsonObject = {
    name: resource.resource,
    singularName: resource.singularResource,
    namespaced,
    ...gvk(resource.responseKind, of),
    verbs: [...resource.verbs],
    ...(resource.shortNames && { shortNames: [...resource.shortNames] }),
    ...(resource.categories && { categories: [...resource.categories] }),
    ...(resource.storageVersionHash && { storageVersionHash: resource.storageVersionHash }),
  };
  const subresources = (resource.subresources ?? []).map(
    (sub): JsonObject => ({
      name: `${resource.resource}/${sub.subresource}`,
      singularName: '',
      namespaced,
      ...gvk(sub.responseKind, of),
      verbs: [...sub.verbs],
    }),
  );
  return [main, ...subresources];
}

type GroupVersion = Pick<DiscoveredResource['responseKind'], 'group' | 'version'>;

/** Group and version are said only where they differ from those of the list. */
function gvk({ group, version, kind }: DiscoveredResource['responseKind'], of: GroupVersion): JsonObject {
  if (group === of.group && version === of.version) return { kind };
  return { ...(group && { group }), ...(version && { version }), kind };
}

/** The aggregated form of `GET /api` (core group only) and `GET /apis` (all others): an `APIGroupDiscoveryList` of v2. */
export function aggregatedDiscoveryDocument(groups: readonly ServedGroup[]): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(
      ({ group, versions }): JsonObject => ({
        metadata: { ...(group !== '' && { name: group }) },
        versions: versions.map((v) => ({
          version: v.version,
          ...(v.resources.length > 0 && {
            resources: v.resources.map(({ storageVersionHash: _, ...resource }) => resource as unknown as JsonValue),
          }),
          freshness: v.freshness ?? 'Current',
        })),
      }),
    ),
  };
}
