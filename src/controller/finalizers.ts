import { errorText, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Patch } from 'nekube/client';
import { keyOf, kindOf } from './written-object.ts';

/** Whether an object waits for a finalizer before it goes. */
export function hasFinalizer({ metadata }: KubeObject, name: string): boolean {
  return metadata.finalizers?.includes(name) ?? false;
}

/** The object with a finalizer; written only if it had none. @throws StatusError `Conflict` if it is not the newest version */
export async function addFinalizer<T extends KubeObject>(client: Client, object: T, name: string): Promise<T> {
  if (hasFinalizer(object, name)) return object;
  return writeFinalizers(client, object, [...(object.metadata.finalizers ?? []), name]);
}

/**
 * The object without a finalizer, which may be its end; written only if it had it. One that is gone already is no error.
 *
 * @throws StatusError `Conflict` if it is not the newest version
 */
export async function removeFinalizer<T extends KubeObject>(client: Client, object: T, name: string): Promise<T> {
  if (!hasFinalizer(object, name)) return object;
  const left = object.metadata.finalizers!.filter((one) => one !== name);
  return writeFinalizers(client, object, left).catch((error: unknown) => {
    if (isStatusError(error, 'NotFound')) return object;
    throw error;
  });
}

/** Replaces the list of finalizers, unless somebody wrote the object meanwhile: a list is merged as a whole. */
function writeFinalizers<T extends KubeObject>(client: Client, object: T, finalizers: string[]): Promise<T> {
  const { resourceVersion, uid } = object.metadata;
  const merge = { metadata: { resourceVersion, uid, finalizers: finalizers.length > 0 ? finalizers : null } };
  return client.patch(kindOf(object), keyOf(object), { merge } as unknown as Patch<T>);
}

/** Cleans up after an object, before it goes. Is called again until it succeeds. */
export type Finalize<T extends KubeObject = KubeObject> = (object: T, signal?: AbortSignal) => Promise<void>;

/** Finalizers by name, for objects of one kind. */
export class Finalizers<T extends KubeObject = KubeObject> {
  readonly #finalizers = new Map<string, Finalize<T>>();

  /** @param name with a domain: `example.com/buckets`. @throws Error if the name is taken */
  register(name: string, finalize: Finalize<T>): this {
    if (this.#finalizers.has(name)) throw new Error(`finalizer for key "${name}" already registered`);
    this.#finalizers.set(name, finalize);
    return this;
  }

  /**
   * Sees to an object that lives that it has all finalizers, and for one that is being deleted runs those that it still has
   * and removes each that succeeded.
   *
   * @returns the object as it is after that, and whether it goes
   * @throws AggregateError of all that failed, after the others ran
   */
  async finalize(client: Client, object: T, signal?: AbortSignal): Promise<{ object: T; isBeingDeleted: boolean }> {
    if (object.metadata.deletionTimestamp) {
      return { object: await this.#runAll(client, object, signal), isBeingDeleted: true };
    }
    const missing = [...this.#finalizers.keys()].filter((name) => !hasFinalizer(object, name));
    if (missing.length === 0) return { object, isBeingDeleted: false };
    const all = [...(object.metadata.finalizers ?? []), ...missing];
    return { object: await writeFinalizers(client, object, all), isBeingDeleted: false };
  }

  async #runAll(client: Client, object: T, signal: AbortSignal | undefined): Promise<T> {
    const errors: Error[] = [];
    let current = object;
    for (const [name, finalize] of this.#finalizers) {
      if (!hasFinalizer(current, name)) continue;
      const failure = await failureOf(() => finalize(current, signal));
      if (failure === undefined) current = await removeFinalizer(client, current, name);
      else errors.push(new Error(`finalizer "${name}" failed: ${errorText(failure.cause)}`, failure));
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join(', '));
    return current;
  }
}

async function failureOf(call: () => Promise<void>): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await call();
    return undefined;
  } catch (cause) {
    return { cause };
  }
}
