import { newApplyConflict, type StatusError } from 'nekube/apimachinery';
import { type Conflict, formatPath } from 'nekube/smd';
import type { ManagerInfo } from './managed.ts';

/** The reason of each cause of an apply's 409. */
export const CONFLICT_REASON = 'FieldManagerConflict';

/**
 * The 409 of an apply: what it would change and who owns that, as kube-apiserver words it.
 *
 * @param conflicts grouped by manager, in the order of their identifiers
 * @param infoOf tells a manager by its identifier
 */
export function newConflictError(
  conflicts: readonly Conflict[],
  infoOf: (identifier: string) => ManagerInfo | undefined,
): StatusError {
  const show = (identifier: string) => showManager(infoOf(identifier), identifier);
  const causes = conflicts.map(({ manager, path }) => ({
    reason: CONFLICT_REASON,
    message: `conflict with ${show(manager)}`,
    field: formatPath(path),
  }));
  return newApplyConflict(causes, `Apply failed with ${summary(conflicts, show)}`);
}

function summary(conflicts: readonly Conflict[], show: (identifier: string) => string): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first)
    return `1 conflict: conflict with ${show(first.manager)}: ${formatPath(first.path)}`;
  const lines: string[] = [];
  let manager: string | undefined;
  for (const conflict of conflicts) {
    if (conflict.manager !== manager) lines.push(`conflicts with ${show(conflict.manager)}:`);
    manager = conflict.manager;
    lines.push(`- ${formatPath(conflict.path)}`);
  }
  return `${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** A manager as messages name it: with its version only if it updated. */
export function showManager(info: ManagerInfo | undefined, identifier: string): string {
  if (info === undefined) return JSON.stringify(identifier);
  let text = JSON.stringify(info.manager);
  if (info.subresource !== '') text += ` with subresource ${JSON.stringify(info.subresource)}`;
  return info.operation === 'Update' ? `${text} using ${info.apiVersion}` : text;
}
