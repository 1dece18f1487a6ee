import type { JsonObject } from 'nekube/apimachinery';
import { type Cluster, USER_AGENT } from './cluster.ts';
import type { PageRequest } from './endpoint.ts';

/** What a page must know before all else. */
export async function sessionInfo({ session }: PageRequest, cluster: Cluster): Promise<JsonObject> {
  const { person, csrf } = session;
  const gitVersion = await cluster.gitVersion(person.as);
  return {
    user: { username: person.username, groups: [...person.groups] },
    csrf,
    fieldManager: USER_AGENT,
    server: { gitVersion, address: cluster.transport.url },
    features: ['history', 'ownership'],
  };
}
