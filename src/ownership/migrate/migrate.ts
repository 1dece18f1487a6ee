import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, JsonPatchOperation, Kind } from 'nekube/client';
import { keyOf } from '../field-conflicts.ts';
import { clientSideManagers, upgradeManagedFields } from './upgrade-managed-fields.ts';

/** Which ownership is moved to whom. */
export interface MigrateOptions {
  /** The manager that applies from now on. */
  readonly manager: string;
  /** The managers of updates that it takes over; default: those of client-side apply. */
  readonly from?: readonly string[];
  /** The part of the object; default: the object itself. */
  readonly subresource?: string;
  /** True: the annotation by which `kubectl apply` remembers what it applied goes, too. */
  readonly removeLastApplied?: boolean;
  /** True: everything happens but the write. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** How a migration ended. */
export interface Migrated {
  readonly before: KubeObject;
  /** The same where there was nothing to move. */
  readonly after: KubeObject;
  /** The managers of updates that were taken over. */
  readonly from: readonly string[];
}

/** An object whose ownership cannot be moved, since its managedFields cannot be read. */
export class MigrateError extends Error {
  override readonly name = 'MigrateError';
}

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
/** How often an object may change between being read and being written. */
const ATTEMPTS = 5;

/**
 * Moves the ownership of managers that updated an object to one that applies, so that it can change and remove what they
 * set. One write, for the very object that was read; if it changed meanwhile, all begins anew.
 *
 * @param object as it was read; it is read anew only if it changed
 * @throws MigrateError, and StatusError where the object is gone, may not be written, or keeps changing
 */
export async function migrateOwnership(client: Client, object: KubeObject, options: MigrateOptions): Promise<Migrated> {
  let before = object;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptMigration(client, before, options);
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || attempt === ATTEMPTS) throw error;
      before = await client.get(object as Kind, keyOf(object), options.signal && { signal: options.signal });
    }
  }
}

async function attemptMigration(client: Client, before: KubeObject, options: MigrateOptions): Promise<Migrated> {
  const { manager, subresource = '', dryRun = false, signal } = options;
  const entries = before.metadata.managedFields ?? [];
  const from = options.from ?? clientSideManagers(entries);
  const upgraded = upgradeManagedFields(entries, { manager, from, subresource });
  if (typeof upgraded === 'string') throw new MigrateError(`metadata.managedFields cannot be read: ${upgraded}`);
  const removes = options.removeLastApplied === true && before.metadata.annotations?.[ANNOTATION] !== undefined;
  if (upgraded === entries && !removes) return { before, after: before, from: [] };
  const json: JsonPatchOperation[] = [
    { op: 'replace', path: '/metadata/managedFields', value: [...upgraded] },
    // not a test, whose failure would be an invalid request: the storage refuses it with a Conflict
    { op: 'replace', path: '/metadata/resourceVersion', value: before.metadata.resourceVersion! },
    ...(removes ? [{ op: 'remove', path: `/metadata/annotations/${ANNOTATION.replace('/', '~1')}` } as const] : []),
  ];
  const writing = { fieldManager: manager, dryRun, ...(signal && { signal }) };
  const after = await client.patch(before as Kind, keyOf(before), { json }, writing);
  const taken = from.filter((name) =>
    entries.some(
      (entry) => entry.manager === name && entry.operation === 'Update' && (entry.subresource ?? '') === subresource,
    ),
  );
  return { before, after, from: taken };
}
