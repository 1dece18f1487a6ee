import { type KubeObject, newNotFound, parseApiVersion } from 'nekube/apimachinery';
import type { Client, Kind, ListOptions, ObjectKey, ObjectList } from 'nekube/client';

/** Reads the state of a cluster as of one revision. */
export interface PastClient {
  readonly revision: string;
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Promise<T>;
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>;
}

/**
 * A client of the past. Kinds are those that are served now; a revision that the server has forgotten is answered with
 * `Expired`, one that is yet to come with a timeout.
 */
export function pastClient(client: Client, revision: string): PastClient {
  const list = <T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<ObjectList<T>> => {
    const asOf = options.continue ? {} : ({ resourceVersion: revision, resourceVersionMatch: 'Exact' } as const);
    return client.list(kind, { ...options, ...asOf });
  };
  return {
    revision,
    list,
    async get(kind, { namespace, name }) {
      // there is no get as of a revision, but a list may be of one object
      const served = await client.served(kind);
      const where = served.namespaced ? { namespace: namespace ?? client.defaultNamespace } : {};
      const { items } = await list(kind, { ...where, fieldSelector: `metadata.name=${name}` });
      const group = parseApiVersion(served.apiVersion)?.group ?? '';
      const [found] = items;
      if (found === undefined) throw newNotFound({ group, resource: served.resource }, name);
      return { apiVersion: served.apiVersion, kind: served.kind, ...found };
    },
  };
}
