import { isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import {
  type Migrated,
  MigrateError,
  migrateOwnership,
  type Owner,
  ownedFields,
  readOwnership,
} from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { objectsOf } from '../objects.ts';
import { printableJson } from '../printable.ts';
import { titleOf } from './each-object.ts';
import type { MigrateFlags } from './migrate-command.ts';

/**
 * Moves the ownership of objects, one at a time, and prints who owns how much before and after.
 *
 * @throws CliError for wrong arguments, and when not all could be moved, after all that can
 */
export async function migrate(args: readonly string[], flags: MigrateFlags, io: Io): Promise<void> {
  const from = flags.from?.split(',').filter((name) => name !== '');
  if (from?.length === 0) throw new CliError('--from names no manager', { hint: 'as in --from helm,kubectl-edit' });
  const { manager, subresource, removeLastApplied = false, dryRun = false } = flags;
  const options = {
    manager,
    removeLastApplied,
    dryRun,
    signal: io.signal,
    ...(from && { from }),
    ...(subresource && { subresource }),
  };
  await withCluster(flags, io, async (client) => {
    let failures = 0;
    for await (const object of objectsOf(client, args, flags, io)) {
      try {
        print(await migrateOwnership(client, object, options), flags, io);
      } catch (error) {
        if (!isStatusError(error) && !(error instanceof MigrateError)) throw error;
        failures++;
        io.stderr(`error: ${titleOf(object)}: ${error.message}\n`);
      }
    }
    if (failures > 0) throw new CliError(`Cannot migrate ${failures} of the objects`);
  });
}

function print(migrated: Migrated, flags: MigrateFlags, io: Io): void {
  io.stdout(flags.output === 'json' ? `${printableJson(dataOf(migrated, flags))}\n` : textOf(migrated, flags));
}

function textOf({ before, after }: Migrated, { dryRun }: MigrateFlags): string {
  if (before === after) return `${titleOf(before)}: nothing to migrate\n`;
  const [old, now] = [ownersOf(before), ownersOf(after)];
  const lines = [
    ...[...old]
      .filter(([name, count]) => now.get(name) !== count)
      .map(([name, count]) => `  - ${name}  ${many(count)}\n`),
    ...[...now]
      .filter(([name, count]) => old.get(name) !== count)
      .map(([name, count]) => `  + ${name}  ${many(count)}\n`),
  ];
  return `${titleOf(before)}: ${dryRun ? 'would be migrated' : 'migrated'}\n${lines.join('')}`;
}

/** How many fields each manager owns. */
function ownersOf(object: KubeObject): Map<string, number> {
  return new Map(readOwnership(object).owners.map((owner) => [nameOf(owner), ownedFields(owner.fields).size]));
}

function nameOf({ manager, operation, subresource, apiVersion }: Owner): string {
  return `${manager} (${operation}${subresource === '' ? '' : ` ${subresource}`}, ${apiVersion})`;
}

function many(count: number): string {
  return count === 1 ? '1 field' : `${count} fields`;
}

/** One line an object: docs/ownership.md. */
function dataOf({ before, after, from }: Migrated, { manager, dryRun = false }: MigrateFlags): JsonObject {
  const { apiVersion, kind, metadata } = before;
  const { name = '', namespace } = metadata;
  return {
    object: { apiVersion: apiVersion!, kind: kind!, metadata: { name, ...(namespace !== undefined && { namespace }) } },
    manager,
    from: [...from],
    migrated: before !== after,
    ...(dryRun && { dryRun }),
    before: (before.metadata.managedFields ?? []) as unknown as JsonObject[],
    after: (after.metadata.managedFields ?? []) as unknown as JsonObject[],
  };
}
