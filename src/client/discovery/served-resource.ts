import { apiVersionOf, isJsonObject, type JsonObject, type JsonValue, parseApiVersion } from 'nekube/apimachinery';
import type { Client } from '../client.ts';
import type { ServedKind } from '../kinds.ts';
import { versionPath } from '../paths.ts';

/** A resource of a version, with the names that people call it by. It is a kind that says how it is served. */
export interface ServedResource extends ServedKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `deployment` */
  readonly singular: string;
  /** `deploy` */
  readonly shortNames: readonly string[];
  /** `all` */
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
}

const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/**
 * All resources that a cluster serves, in the order of discovery: the core group first, and of a group the version that is
 * preferred first. Two requests; a server without aggregated discovery is asked for each version, and one of an aggregated
 * API that does not answer is left out, as kubectl does.
 */
export async function discoverResources(client: Pick<Client, 'raw'>, signal?: AbortSignal): Promise<ServedResource[]> {
  const ask = (path: string): Promise<JsonValue> =>
    client.raw({ method: 'GET', path, headers: { accept: AGGREGATED }, ...(signal && { signal }) });
  const roots = await Promise.all(['/api', '/apis'].map(ask));
  const parts = await Promise.all(
    roots.map((root) => (isGroupList(root) ? resourcesOfGroups(root) : resourcesByVersion(root, ask))),
  );
  return parts.flat();
}

function isGroupList(root: JsonValue): root is JsonObject {
  return isJsonObject(root) && root.kind === 'APIGroupDiscoveryList';
}

function resourcesOfGroups(root: JsonObject): ServedResource[] {
  return objectsIn(root.items).flatMap((group) => {
    const name = isJsonObject(group.metadata) ? textOf(group.metadata.name) : '';
    return objectsIn(group.versions).flatMap((version) =>
      objectsIn(version.resources)
        // a part whose resource itself is not served has no kind
        .filter((resource) => isJsonObject(resource.responseKind))
        .map((resource) => ofAggregated(resource, name, textOf(version.version))),
    );
  });
}

function ofAggregated(entry: JsonObject, group: string, version: string): ServedResource {
  const kind = textOf((entry.responseKind as JsonObject).kind);
  return {
    apiVersion: apiVersionOf({ group, version }),
    kind,
    resource: textOf(entry.resource),
    namespaced: entry.scope === 'Namespaced',
    group,
    version,
    singular: textOf(entry.singularResource) || kind.toLowerCase(),
    ...listsOf(entry),
  };
}

async function resourcesByVersion(
  root: JsonValue,
  ask: (path: string) => Promise<JsonValue>,
): Promise<ServedResource[]> {
  const lists = await Promise.all(
    versionsOf(root).map((apiVersion) =>
      ask(versionPath(apiVersion)).then((list) => ofList(list, apiVersion), nothing),
    ),
  );
  return lists.flat();
}

function nothing(): ServedResource[] {
  return [];
}

/** The versions that an APIVersions or an APIGroupList names, the preferred one of a group first. */
function versionsOf(root: JsonValue): string[] {
  if (!isJsonObject(root)) return [];
  if (Array.isArray(root.versions)) return root.versions.filter((one) => typeof one === 'string');
  return objectsIn(root.groups).flatMap((group) => {
    const preferred = isJsonObject(group.preferredVersion) ? [group.preferredVersion] : [];
    const versions = [...preferred, ...objectsIn(group.versions)].map((one) => textOf(one.groupVersion));
    return [...new Set(versions)];
  });
}

function ofList(list: JsonValue, apiVersion: string): ServedResource[] {
  const { group = '', version = '' } = parseApiVersion(apiVersion) ?? {};
  return objectsIn(isJsonObject(list) ? list.resources : undefined)
    .filter((entry) => !textOf(entry.name).includes('/'))
    .map((entry) => ({
      apiVersion,
      kind: textOf(entry.kind),
      resource: textOf(entry.name),
      namespaced: entry.namespaced === true,
      group,
      version,
      singular: textOf(entry.singularName) || textOf(entry.kind).toLowerCase(),
      ...listsOf(entry),
    }));
}

function listsOf(entry: JsonObject): Pick<ServedResource, 'shortNames' | 'categories' | 'verbs'> {
  return {
    shortNames: textsIn(entry.shortNames),
    categories: textsIn(entry.categories),
    verbs: textsIn(entry.verbs),
  };
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
