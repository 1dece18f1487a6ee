import { humanDuration, type JsonObject, stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import { isNoMatchError, type ListOptions } from 'nekube/client';
import { API_VERSION, type ApplyConflict } from 'nekube/fieldpolicy';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { ConflictsFlags } from './resolve-command.ts';

/** The kind of applies that wait. */
export const APPLY_CONFLICT = { apiVersion: API_VERSION, kind: 'ApplyConflict' };
/** What to do where the cluster does not have it. */
export const INSTALL_HINT = 'nekube own install installs the kinds of policies';

/** Prints the applies that wait for a person. */
export async function printConflicts(flags: ConflictsFlags, io: Io): Promise<void> {
  await withCluster(flags, io, async (client) => {
    const { selector, fieldSelector, allNamespaces } = flags;
    const options: ListOptions = {
      signal: io.signal,
      ...(!allNamespaces && { namespace: client.defaultNamespace }),
      ...(selector !== undefined && { labelSelector: selector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
    const found: ApplyConflict[] = [];
    try {
      for await (const one of client.pages(APPLY_CONFLICT, options))
        found.push({ ...one, ...APPLY_CONFLICT } as ApplyConflict);
    } catch (error) {
      if (isNoMatchError(error)) throw new CliError(error.message, { hint: INSTALL_HINT, cause: error });
      throw error;
    }
    if (found.length > 0 || isData(flags)) return io.stdout(formatted(found, flags, Date.now()));
    io.stderr(`No applies wait${allNamespaces ? '' : ` in ${client.defaultNamespace} namespace`}.\n`);
  });
}

function isData({ output }: ConflictsFlags): boolean {
  return output === 'json' || output === 'yaml';
}

function formatted(
  found: readonly ApplyConflict[],
  { output, allNamespaces = false }: ConflictsFlags,
  now: number,
): string {
  const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: found as unknown as JsonObject[] };
  if (output === 'json') return `${stringifyJson(list)}\n`;
  if (output === 'yaml') return stringifyYaml(list);
  if (output === 'name')
    return found.map(({ metadata }) => `applyconflict.${API_VERSION.split('/')[0]}/${metadata.name}\n`).join('');
  const wide = output === 'wide';
  const header = [
    'NAME',
    'KIND',
    'OBJECT',
    'MANAGER',
    'PATHS',
    'DECIDED',
    'EXPIRES',
    ...(wide ? ['OWNERS', 'POLICY'] : []),
  ];
  const rows = found.map((one) => rowOf(one, wide, now));
  if (!allNamespaces) return formatTable([header, ...rows]);
  const namespaces = found.map(({ metadata }) => metadata.namespace ?? '');
  return formatTable([['NAMESPACE', ...header], ...rows.map((row, i) => [namespaces[i]!, ...row])]);
}

function rowOf({ metadata, spec }: ApplyConflict, wide: boolean, now: number): string[] {
  const { objectRef, manager, conflicts, decisions = [], expirationTime, policy } = spec;
  const left = Date.parse(expirationTime) - now;
  return [
    metadata.name ?? '',
    objectRef.kind,
    objectRef.name,
    manager,
    conflicts.map(({ path }) => path).join(','),
    `${decisions.length}/${conflicts.length}`,
    left > 0 ? `in ${humanDuration(left)}` : 'now',
    ...(wide ? [[...new Set(conflicts.map((one) => one.manager))].join(','), policy] : []),
  ];
}
