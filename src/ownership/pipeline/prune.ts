import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { ApplySetSession } from './applyset-session.ts';
import { idOf, keyOf } from './manifest.ts';
import { STAGES, stageOf } from './order.ts';
import { inParallel } from './parallel.ts';
import type { PrunedReport } from './report.ts';
import { failureText, type RunContext } from './run-context.ts';
import type { NeededFor } from './still-needed.ts';

/**
 * Removes the members of a set that were not applied, workloads before what they use, and namespaces and definitions last.
 * What fails does not keep the others; then the set goes on to know of it.
 *
 * @param applied the UIDs of what was applied, and by `keyOf` what it is: who is stated may be another object by now, if
 *   somebody made it anew meanwhile
 * @param neededFor what is not to go, since what was applied would go with it
 */
export async function pruneMembers(
  session: Pick<ApplySetSession, 'membersBeside'>,
  applied: { readonly uids: ReadonlySet<string>; readonly keys: ReadonlySet<string> },
  neededFor: NeededFor,
  context: RunContext,
): Promise<PrunedReport[]> {
  const { mode, signal, parallel, retrying, onProgress } = context;
  const beside = await retrying(() => session.membersBeside(applied.uids));
  const members = beside.filter((member) => !applied.keys.has(keyOf(idOf(member))));
  const reports: PrunedReport[] = [];
  const tell = (report: PrunedReport): void => {
    reports.push(report);
    onProgress?.({ phase: 'pruning', done: reports.length, total: members.length });
  };
  for (const stage of [...STAGES].reverse()) {
    const some = members.filter((member) => stageOf(idOf(member)) === stage);
    await inParallel(some, parallel, async (member) => {
      const id = idOf(member);
      const need = neededFor(id);
      if (need !== undefined) tell({ ...id, action: 'kept', reason: need });
      else if (mode === 'plan') tell({ ...id, action: 'pruned' });
      else if (signal.aborted) tell({ ...id, action: 'kept', reason: 'it was not its turn yet' });
      else tell({ ...id, ...(await remove(member, context)) });
    });
  }
  return reports;
}

/** Another object of the same name is not what is to go. */
async function remove(
  { apiVersion = '', kind = '', metadata }: KubeObject,
  { client, hardSignal, retrying }: RunContext,
): Promise<Pick<PrunedReport, 'action' | 'reason'>> {
  const { name = '', namespace, uid } = metadata;
  const key = { name, ...(namespace !== undefined && { namespace }) };
  try {
    await retrying(() =>
      client.delete({ apiVersion, kind }, key, {
        propagationPolicy: 'Background',
        preconditions: { uid: uid! },
        signal: hardSignal,
      }),
    );
  } catch (error) {
    const isGone = isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict');
    if (!isGone) return { action: 'failed', reason: failureText(error) };
  }
  return { action: 'pruned' };
}
