import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import type { Client, ServedResource } from 'nekube/client';
import { preferredResources } from '../preferred-resources.ts';

/** What can be deleted in a namespace, as far as the server tells. */
export interface Discovered {
  readonly resources: readonly ServedResource[];
  /** Why these may not be all. */
  readonly error?: string;
}

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** A failure may leave some kinds out, and is told; what is known is deleted all the same. */
export async function discoverContent(client: Client, signal: AbortSignal): Promise<Discovered> {
  try {
    const resources = await preferredResources(client, ['delete'], signal);
    const groups = await client.raw({ method: 'GET', path: '/apis', headers: { accept: ACCEPT }, signal });
    const error = staleText(staleVersions(groups));
    return { resources: resources.filter(({ namespaced }) => namespaced), ...(error !== undefined && { error }) };
  } catch (error) {
    signal.throwIfAborted();
    return { resources: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** The versions of groups of which the server says that it has not heard for a while: they are others' and do not answer. */
export function staleVersions(groups: JsonValue): string[] {
  return objectsIn((groups as JsonObject).items).flatMap(({ metadata, versions }) => {
    const name = (metadata as JsonObject | undefined)?.name;
    const stale = objectsIn(versions).filter(({ freshness }) => freshness === 'Stale');
    return stale.map(({ version }) => `${String(name)}/${String(version)}`);
  });
}

/** What a namespace says of versions that do not answer; undefined: there are none. */
export function staleText(versions: readonly string[]): string | undefined {
  if (versions.length === 0) return undefined;
  const each = versions.toSorted().map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  const error = `unable to retrieve the complete list of server APIs: ${each.join(', ')}`;
  return `Discovery failed for some groups, ${versions.length} failing: ${error}`;
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}
