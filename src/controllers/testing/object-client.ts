import { type KubeObject, newAlreadyExists, newNotFound } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey, Patch } from 'nekube/client';

/** A client that keeps objects in memory and writes down what is written: for tests of what a controller writes. */
export interface ObjectClient {
  readonly client: Client;
  /** By their names. */
  readonly objects: Map<string, KubeObject>;
  /** `create NAME`, `update NAME`, `patch NAME JSON`, `delete NAME`, in order. */
  readonly writes: string[];
}

/**
 * Makes one. Names are enough for it: it has no namespaces, and applies no patches.
 *
 * @param refuse what a write is refused with, by its line; undefined: nothing
 */
export function objectClient(
  initial: readonly KubeObject[] = [],
  refuse: (write: string) => Error | undefined = () => undefined,
): ObjectClient {
  const objects = new Map(initial.map((object) => [object.metadata.name!, object]));
  const writes: string[] = [];
  const write = (line: string): void => {
    writes.push(line);
    const error = refuse(line);
    if (error !== undefined) throw error;
  };
  const found = ({ kind }: Kind, { name }: ObjectKey): KubeObject => {
    const object = objects.get(name);
    if (object === undefined) throw newNotFound({ group: '', resource: kind.toLowerCase() }, name);
    return object;
  };
  const put = (object: KubeObject): KubeObject => {
    objects.set(object.metadata.name!, object);
    return object;
  };
  const client = {
    get: async (kind: Kind, key: ObjectKey) => found(kind, key),
    async create(object: KubeObject) {
      const { name = '' } = object.metadata;
      write(`create ${name}`);
      if (objects.has(name)) throw newAlreadyExists({ group: '', resource: object.kind!.toLowerCase() }, name);
      return put(object);
    },
    async update(object: KubeObject) {
      write(`update ${object.metadata.name}`);
      return put(object);
    },
    async patch(kind: Kind, key: ObjectKey, patch: Patch<KubeObject>) {
      write(`patch ${key.name} ${JSON.stringify(Object.values(patch)[0])}`);
      return found(kind, key);
    },
    async delete(kind: Kind, key: ObjectKey) {
      write(`delete ${key.name}`);
      found(kind, key);
      objects.delete(key.name);
    },
  };
  return { client: client as unknown as Client, objects, writes };
}
