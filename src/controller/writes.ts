import {
  cloneJson,
  isJsonObject,
  isStatusError,
  type JsonObject,
  type JsonValue,
  jsonEqual,
  type KubeObject,
  setMember,
} from 'nekube/apimachinery';
import {
  type ApplyConfiguration,
  type ApplyOptions,
  type Client,
  type Clock,
  type DeepPartial,
  type Patch,
  sleep,
  systemClock,
} from 'nekube/client';
import { keyOf, kindOf } from './written-object.ts';

/** What became of an object. */
export type OperationResult = 'unchanged' | 'created' | 'updated' | 'updatedStatus' | 'updatedStatusOnly';

/** Makes an object as it should be, by changing it. */
export type Mutate<T extends KubeObject> = (object: T) => void | Promise<void>;

/**
 * Calls again what fails with a Conflict, five times at most, a little later each time. What is called must read the object
 * anew. Server-side apply needs none of this.
 */
export async function retryOnConflict<T>(
  call: () => Promise<T>,
  { attempts = 5, waitMs = 10, clock = systemClock as Clock, signal = undefined as AbortSignal | undefined } = {},
): Promise<T> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await call();
    } catch (error) {
      if (left <= 0 || !isStatusError(error, 'Conflict')) throw error;
    }
    await sleep(waitMs * (1 + Math.random() / 10), clock, signal);
  }
}

/** Applies the status of an object, and nothing else of it. Fields of others are taken over unless `force` is false. */
export function applyStatus<T extends KubeObject>(
  client: Client,
  object: T,
  status: DeepPartial<T['status']>,
  options: ApplyOptions = {},
): Promise<T> {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name } = metadata;
  const configuration = { apiVersion, kind, metadata: { namespace, name }, status };
  return client.apply(configuration as unknown as ApplyConfiguration<T>, {
    force: true,
    ...options,
    subresource: 'status',
  });
}

/**
 * Reads an object, changes it by `mutate`, and writes it if that changed anything; creates it if there is none.
 *
 * For those who must do without server-side apply: a default of the server that `mutate` takes away is written each time.
 *
 * @param object kind, namespace and name; and what a new one starts with
 */
export async function createOrUpdate<T extends KubeObject>(
  client: Client,
  object: T,
  mutate: Mutate<T>,
): Promise<{ readonly object: T; readonly result: OperationResult }> {
  const { existing, wanted } = await mutated(client, object, mutate);
  if (existing === undefined) return { object: await client.create(wanted), result: 'created' };
  if (jsonEqual(existing as JsonValue, wanted as JsonValue)) return { object: existing, result: 'unchanged' };
  return { object: await client.update(wanted), result: 'updated' };
}

/** As `createOrUpdate`, but writes only what `mutate` changed, and the status apart where it did change that. */
export async function createOrPatch<T extends KubeObject>(
  client: Client,
  object: T,
  mutate: Mutate<T>,
): Promise<{ readonly object: T; readonly result: OperationResult }> {
  const { existing, wanted } = await mutated(client, object, mutate);
  if (existing === undefined) return { object: await create(client, wanted), result: 'created' };
  const difference = mergePatchOf(existing as JsonObject, wanted as JsonObject);
  const { status, ...rest } = difference;
  const [kind, key] = [kindOf(existing), keyOf(existing)];
  let current = existing;
  if (Object.keys(rest).length > 0) current = await client.patch(kind, key, { merge: rest } as unknown as Patch<T>);
  if (status !== undefined) {
    const patch = { merge: { status } } as unknown as Patch<T>;
    current = await client.patch(kind, key, patch, { subresource: 'status' });
  }
  if (current === existing) return { object: existing, result: 'unchanged' };
  if (status === undefined) return { object: current, result: 'updated' };
  return { object: current, result: Object.keys(rest).length > 0 ? 'updatedStatus' : 'updatedStatusOnly' };
}

/** Creates an object, and then its status, which a create leaves out. */
async function create<T extends KubeObject>(client: Client, wanted: T): Promise<T> {
  const created = await client.create(wanted);
  if (wanted.status === undefined || jsonEqual(wanted.status, created.status)) return created;
  const patch = { merge: { status: wanted.status } } as unknown as Patch<T>;
  return client.patch(kindOf(created), keyOf(created), patch, { subresource: 'status' }).catch((error: unknown) => {
    if (isStatusError(error, 'NotFound')) return created;
    throw error;
  });
}

async function mutated<T extends KubeObject>(
  client: Client,
  object: T,
  mutate: Mutate<T>,
): Promise<{ readonly existing: T | undefined; readonly wanted: T }> {
  const existing = await client.get(kindOf(object), keyOf(object)).catch((error: unknown) => {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  });
  const wanted = cloneJson(existing ?? object);
  const [before, kind] = [keyOf(wanted), kindOf(object)];
  await mutate(wanted);
  const after = keyOf(wanted);
  if (after.name !== before.name || after.namespace !== before.namespace) {
    throw new Error(`Cannot write ${kind.kind} ${before.name}: the function may not change its name or namespace`);
  }
  return { existing, wanted };
}

/** What RFC 7386 makes the second of the first. */
function mergePatchOf(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!hasMember(to, key)) setMember(patch, key, null);
  for (const [key, value] of Object.entries(to)) {
    const old = hasMember(from, key) ? from[key] : undefined;
    if (value === undefined || jsonEqual(old, value)) continue;
    setMember(patch, key, isJsonObject(old) && isJsonObject(value) ? mergePatchOf(old, value) : value);
  }
  return patch;
}

/** A key of a map may be called as what all objects inherit: `constructor`. */
function hasMember(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key) && object[key] !== undefined;
}
