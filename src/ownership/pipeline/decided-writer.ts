import { isStatusError, jsonEqual, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { formatPath } from 'nekube/smd';
import { applyDecidedBy, type Decide, decideConflicts } from '../apply-decided.ts';
import type { DecidedConflict } from '../decided-configuration.ts';
import { isApplyConflict } from '../conflict-causes.ts';
import { covers } from '../covers.ts';
import { decidedByServer } from '../decided-by-server.ts';
import {
  applyConfiguration,
  type Configuration,
  type ConflictsFound,
  findConflicts,
  type FindOptions,
  guarded,
  readLive,
} from '../field-conflicts.ts';
import { MASKED } from '../mask.ts';
import { waitingFor } from '../policies/waiting-for.ts';
import { isSecretPath, showValue } from './changes.ts';
import type { ObjectWriter, Outlook, Written } from './object-writer.ts';
import type { ReportedConflict } from './report.ts';

/** How conflicts are decided, and who writes. */
export interface DecidedWriterOptions {
  readonly fieldManager: string;
  readonly decide: Decide;
}

/** Conflicts are for people: nothing is taken. */
export const heedConflicts: Decide = (conflicts) => conflicts.map(() => ({ decision: 'fail' }));

/** All is taken, as a controller does it. */
export const forceConflicts: Decide = (conflicts) =>
  conflicts.map(() => ({ decision: 'force', by: '--force-conflicts' }));

/** Writes by server-side apply, and decides conflicts on the client's side. */
export function newDecidedWriter(client: Client, { fieldManager, decide }: DecidedWriterOptions): ObjectWriter {
  const optionsOf = (signal: AbortSignal) => ({ fieldManager, decide, signal });
  return {
    async look(configuration, signal): Promise<Outlook> {
      const options = optionsOf(signal);
      const found = await lookAt(client, configuration, options);
      if (!('type' in found)) return found;
      if (found.conflicts.length === 0) {
        const decided = await decidedByServer(client, configuration, found, options);
        return { ...found, conflicts: decided.map((conflict) => reported(configuration, conflict)) };
      }
      const plan = await decideConflicts(client, configuration, found, options);
      const conflicts = plan.decided.map((conflict) => reported(configuration, conflict));
      const asks = plan.decided.every(({ decision, asks }) => decision !== 'fail' || asks);
      if (plan.refusal !== undefined) return { live: found.live, result: undefined, conflicts, asks };
      const { force } = plan;
      const result = await applyConfiguration(client, plan.configuration, { ...options, force, dryRun: true });
      return { live: found.live, result, conflicts };
    },

    async ask(configuration, live, signal) {
      try {
        // of that very object it is known that it conflicts
        await applyConfiguration(client, guarded(configuration, live), { fieldManager, signal });
        return 'was applied: what was in its way has been decided meanwhile';
      } catch (error) {
        if (!isStatusError(error, 'Conflict')) throw error;
      }
      const waiting = await waitingFor(client, live, fieldManager, signal);
      return waiting === undefined
        ? "needs a person's decision, and no ApplyConflict of it is to be seen here"
        : `waits for a person's decision as ApplyConflict ${waiting}: nekube own resolve`;
    },

    async write(configuration, signal): Promise<Written> {
      const result = await applyDecidedBy(client, configuration, optionsOf(signal));
      if (result.outcome === 'applied') return { object: result.object };
      return { refused: result.decided.map((conflict) => reported(configuration, conflict)) };
    },
  };
}

/**
 * Without conflicts, which is how it mostly is, two requests at once will do, and no schema is asked for, unless the server
 * makes something else of it, or of what others own: it may have decided a conflict itself.
 */
async function lookAt(
  client: Client,
  configuration: Configuration,
  options: FindOptions,
): Promise<Outlook | ConflictsFound> {
  try {
    const [live, result] = await Promise.all([
      readLive(client, configuration, options.signal),
      applyConfiguration(client, configuration, { ...options, dryRun: true }),
    ]);
    const isAsTold = covers(result, configuration as JsonObject) && keepsOthers(live, result, options.fieldManager);
    if (live === undefined || isAsTold) return { live, result, conflicts: [] };
    return await findConflicts(client, configuration, options);
  } catch (error) {
    if (!isApplyConflict(error)) throw error;
    return findConflicts(client, configuration, options);
  }
}

/** Whether all others own the same as before. */
function keepsOthers(live: KubeObject | undefined, result: KubeObject, manager: string): boolean {
  const others = ({ metadata }: Pick<KubeObject, 'metadata'>): string[] =>
    (metadata.managedFields ?? [])
      .filter((entry) => entry.manager !== manager || entry.operation !== 'Apply')
      .map((entry) => JSON.stringify(entry.fieldsV1));
  return live !== undefined && jsonEqual(others(live), others(result));
}

function reported({ apiVersion, kind }: Configuration, conflict: DecidedConflict): ReportedConflict {
  const { claim, live, applied, decision, by, reason } = conflict;
  const path = formatPath(conflict.path);
  const isMasked = apiVersion === 'v1' && kind === 'Secret' && isSecretPath(path);
  const show = (value: typeof live): string | undefined =>
    value === undefined ? undefined : isMasked ? MASKED : showValue(value);
  return {
    path,
    manager: claim.manager,
    operation: claim.operation,
    subresource: claim.subresource === '' ? undefined : claim.subresource,
    since: claim.time,
    live: show(live),
    applied: show(applied),
    decision,
    by: by === undefined ? reason : reason === undefined ? by : `${by}: ${reason}`,
  };
}
