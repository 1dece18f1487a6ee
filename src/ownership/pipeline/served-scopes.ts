import { parseApiVersion } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import type { Manifest, ScopeOf } from './manifest.ts';
import { definedScope } from './order.ts';

/** Finds out whether the kinds of manifests have namespaces: from the cluster, else from definitions among them. */
export async function scopesOf(client: Pick<Client, 'served'>, manifests: readonly Manifest[]): Promise<ScopeOf> {
  const defined = definedScope(manifests);
  const scopes = new Map<string, boolean | undefined>();
  for (const { configuration } of manifests) {
    const { apiVersion, kind } = configuration;
    const key = `${apiVersion} ${kind}`;
    if (scopes.has(key)) continue;
    const { group, version } = parseApiVersion(apiVersion)!;
    scopes.set(key, (await servedScope(client, apiVersion, kind)) ?? defined(group, version, kind));
  }
  return ({ apiVersion, kind }) => scopes.get(`${apiVersion} ${kind}`);
}

async function servedScope(
  client: Pick<Client, 'served'>,
  apiVersion: string,
  kind: string,
): Promise<boolean | undefined> {
  try {
    return (await client.served({ apiVersion, kind })).namespaced;
  } catch (error) {
    if (isNoMatchError(error)) return undefined;
    throw error;
  }
}
