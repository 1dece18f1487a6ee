import { isStatusError, type JsonObject, type JsonValue, type KubeObject, type StatusError } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';
import { type FieldPath, valueAt } from 'nekube/smd';
import { type Claim, type ConflictCause, isApplyConflict, readCauses } from './conflict-causes.ts';
import { maskError } from './mask-error.ts';
import { type ObjectType, objectTypesOf } from './object-types.ts';

/** An applied configuration: an object of any kind that need not state more than its name. */
export type Configuration = KubeObject & { readonly apiVersion: string; readonly kind: string };

/** A field that an apply would change and another manager owns. */
export interface FieldConflict {
  /** In the version that the other manager wrote in, which mostly is the applied one. */
  readonly path: FieldPath;
  /** Who owns the field, and since when. */
  readonly claim: Claim;
  /** Undefined where the object, in the applied version, has no such field. */
  readonly live: JsonValue | undefined;
  readonly applied: JsonValue | undefined;
}

/** How an apply would be made. */
export interface FindOptions {
  readonly fieldManager: string;
  /** The part of the object that is applied to; default: the object itself. */
  readonly subresource?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly signal?: AbortSignal;
}

/** What an apply without force would meet. */
export interface ConflictsFound {
  /** The object before; undefined: the apply would create it. */
  readonly live: KubeObject | undefined;
  /** By manager, then path, as the server tells them. */
  readonly conflicts: readonly FieldConflict[];
  /** What the server would make of it; undefined where there are conflicts. */
  readonly result: KubeObject | undefined;
  readonly type: ObjectType;
}

/** How often an object may change between being read and being tried. */
const ATTEMPTS = 5;

/**
 * Finds what an apply would be in conflict with: a dry run without force, for the very object that was read
 * (`metadata.resourceVersion`), so that values, owners and conflicts belong together. Writes nothing.
 *
 * @throws StatusError what the server answers to a dry run that is refused for anything else, and the Conflict of an
 *   object that keeps changing
 */
export async function findConflicts(
  client: Client,
  configuration: Configuration,
  options: FindOptions,
): Promise<ConflictsFound> {
  let live = await readLive(client, configuration, options.signal);
  for (let attempt = 1; ; attempt++) {
    const tried = await tryApply(client, guarded(configuration, live), options);
    const type = await objectTypesOf(client).of(configuration, options.signal);
    if (tried.error === undefined) return { live, conflicts: [], result: tried.result, type };
    // who refused has seen this very object only if it is still the newest
    const newest = await readLive(client, configuration, options.signal);
    const same = newest?.metadata.resourceVersion === live?.metadata.resourceVersion;
    const causes = same && live && isApplyConflict(tried.error) ? readCauses(tried.error, live) : undefined;
    if (causes !== undefined)
      return { live, conflicts: withValues(causes, live!, configuration, type), result: undefined, type };
    if (same || attempt === ATTEMPTS || configuration.metadata.resourceVersion) throw tried.error;
    live = newest;
  }
}

/** The object that a configuration is of; undefined where there is none. */
export async function readLive(
  client: Client,
  configuration: Configuration,
  signal?: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(configuration as Kind, keyOf(configuration), signal && { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** The name by which the client finds the object. */
export function keyOf({ metadata: { name = '', namespace } }: KubeObject): ObjectKey {
  return { name, ...(namespace !== undefined && { namespace }) };
}

/** A configuration for the very object that was read; one that states its own resourceVersion keeps that. */
export function guarded(configuration: Configuration, live: KubeObject | undefined): Configuration {
  const resourceVersion = configuration.metadata.resourceVersion ?? live?.metadata.resourceVersion;
  if (resourceVersion === undefined) return configuration;
  return { ...configuration, metadata: { ...configuration.metadata, resourceVersion } };
}

type Tried = { readonly result: KubeObject; readonly error?: undefined } | { readonly error: StatusError };

async function tryApply(client: Client, configuration: Configuration, options: FindOptions): Promise<Tried> {
  try {
    return { result: await applyConfiguration(client, configuration, { ...options, dryRun: true }) };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { error };
  }
}

/** An apply of any kind of object. @throws StatusError in which there are no values of a Secret */
export async function applyConfiguration(
  client: Client,
  configuration: Configuration,
  options: FindOptions & { readonly force?: boolean; readonly dryRun?: boolean },
): Promise<KubeObject> {
  const { fieldManager, subresource, fieldValidation, force, dryRun, signal } = options;
  try {
    return await client.apply<KubeObject>(configuration as never, {
      fieldManager,
      ...(subresource && { subresource }),
      ...(fieldValidation && { fieldValidation }),
      ...(force && { force }),
      ...(dryRun && { dryRun }),
      ...(signal && { signal }),
    });
  } catch (error) {
    throw maskError(error, configuration);
  }
}

function withValues(
  causes: readonly ConflictCause[],
  live: KubeObject,
  configuration: Configuration,
  { type }: ObjectType,
): FieldConflict[] {
  return causes.map(({ path, claim }) => ({
    path,
    claim,
    live: valueAt(live as JsonObject, path, type.type),
    applied: valueAt(configuration as JsonObject, path, type.type),
  }));
}
