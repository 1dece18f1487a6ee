import type { JsonObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { KEP_KIND } from 'nekube/kep';
import { type Cluster, USER_AGENT } from './cluster.ts';
import type { PageRequest } from './endpoint.ts';

/**
 * What a page must know before all else.
 *
 * @param hasKeps of a checkout, whatever the cluster has
 */
export async function sessionInfo(
  { session, client }: PageRequest,
  cluster: Cluster,
  hasKeps: boolean,
): Promise<JsonObject> {
  const { person, csrf } = session;
  const [gitVersion, keps] = await Promise.all([cluster.gitVersion(person.as), hasKeps || servesKeps(client)]);
  return {
    user: { username: person.username, groups: [...person.groups] },
    csrf,
    fieldManager: USER_AGENT,
    server: { gitVersion, address: cluster.transport.url },
    features: ['history', 'ownership', ...(keps ? ['kep'] : [])],
  };
}

async function servesKeps(client: Client): Promise<boolean> {
  return client.served(KEP_KIND).then(
    () => true,
    () => false,
  );
}
