import type { AuditEntry } from './audit-entry.ts';
import type { HistoryRecord, NewRecord } from './history-record.ts';

/** Without a version both must have happened within this: entries of managers say whole seconds. */
const NEAR_MS = 2000;

/** Whether an audited write is what a record tells of: `certain` by its version, `likely` by manager and time. */
export function matchOf(entry: AuditEntry, record: NewRecord | HistoryRecord): 'certain' | 'likely' | undefined {
  if (record.audited !== undefined || record.type === 'found') return undefined;
  if (entry.resourceVersion !== undefined)
    return entry.resourceVersion === record.resourceVersion && (record.type !== 'deleted') === (entry.verb !== 'delete')
      ? 'certain'
      : undefined;
  // of what was not watched the record tells the end alone
  if (record.since !== undefined || !isOfVerb(entry.verb, record)) return undefined;
  const by = new Set(record.changes.flatMap((change) => change.by));
  if (by.size > 1) return undefined;
  const writer = record.writers[[...by][0] ?? -1];
  if (writer !== undefined && managerOf(entry) !== writer.manager) return undefined;
  const time = writer?.time ?? record.seenAt;
  return Math.abs(entry.time - time) <= NEAR_MS ? 'likely' : undefined;
}

function isOfVerb(verb: string, { type, changes }: NewRecord): boolean {
  const isMarked = changes.some(({ path }) => path === '/f:metadata/f:deletionTimestamp');
  // with a grace, or a finalizer, an object is marked first; what removes it later is another's doing
  if (verb === 'delete') return type === 'deleted' || isMarked;
  if (verb === 'create') return type === 'created';
  return type === 'changed' || (verb === 'patch' && type === 'created');
}

/** A request that names no manager has the first part of its user agent as one. */
function managerOf({ fieldManager, userAgent = '' }: AuditEntry): string {
  return fieldManager ?? userAgent.split('/')[0]!;
}

/** The one of some that matches: by version, else the only one that is likely. */
export function bestMatch<T>(
  candidates: readonly T[],
  match: (one: T) => 'certain' | 'likely' | undefined,
): T | undefined {
  const likely: T[] = [];
  for (const candidate of candidates) {
    const found = match(candidate);
    if (found === 'certain') return candidate;
    if (found === 'likely') likely.push(candidate);
  }
  return likely.length === 1 ? likely[0] : undefined;
}
