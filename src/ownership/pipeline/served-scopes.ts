import { isStatusError, parseApiVersion, type StatusError } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import type { Manifest, ScopeOf } from './manifest.ts';
import { definedScope } from './order.ts';

/**
 * Finds out whether the kinds of manifests have namespaces: from the cluster, else from definitions among them. What the
 * server refuses to tell of one kind does not keep the others.
 */
export async function scopesOf(client: Pick<Client, 'served'>, manifests: readonly Manifest[]): Promise<ScopeOf> {
  const defined = definedScope(manifests);
  const scopes = new Map<string, boolean | StatusError | undefined>();
  for (const { configuration } of manifests) {
    const { apiVersion, kind } = configuration;
    const key = `${apiVersion} ${kind}`;
    if (scopes.has(key)) continue;
    const { group, version } = parseApiVersion(apiVersion)!;
    const scope = await servedScope(client, apiVersion, kind);
    scopes.set(key, typeof scope === 'boolean' ? scope : (defined(group, version, kind) ?? scope));
  }
  return ({ apiVersion, kind }) => scopes.get(`${apiVersion} ${kind}`);
}

async function servedScope(
  client: Pick<Client, 'served'>,
  apiVersion: string,
  kind: string,
): Promise<boolean | StatusError | undefined> {
  try {
    return (await client.served({ apiVersion, kind })).namespaced;
  } catch (error) {
    if (isNoMatchError(error)) return undefined;
    // who is not known is refused for all kinds
    if (isStatusError(error) && !isStatusError(error, 'Unauthorized')) return error;
    throw error;
  }
}
