import { type KubeObject, newNotFound, parseApiVersion } from 'nekube/apimachinery';
import {
  type Client,
  compareResourceVersions,
  type Kind,
  type ListOptions,
  type ObjectKey,
  type ObjectList,
} from 'nekube/client';

/** Reads the state of a cluster as of one revision. */
export interface PastClient {
  readonly revision: string;
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Promise<T>;
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>;
}

/**
 * A client of the past. Kinds are those that are served now; a revision that the server has forgotten is answered with
 * `Expired`, one that is yet to come is a RangeError: a server would wait for it, and a client ask again and again.
 */
export function pastClient(client: Client, revision: string): PastClient {
  let past = false;
  const list = async <T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<ObjectList<T>> => {
    if (!past) checkPast(revision, await currentRevision(client, kind, options));
    past = true;
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

/** By a list of one object, which may be asked by whoever may ask for the list of the past. */
async function currentRevision(client: Client, kind: Kind, options: ListOptions): Promise<string> {
  const { metadata } = await client.list(kind, { ...options, continue: '', limit: 1, metadataOnly: true });
  return metadata.resourceVersion ?? '';
}

/** @throws RangeError for a revision that is yet to come */
function checkPast(revision: string, current: string): void {
  if ((compareResourceVersions(revision, current) ?? 0) <= 0) return;
  throw new RangeError(
    `Cannot read the state as of revision ${revision}: it is yet to come, the current one is ${current}`,
  );
}
