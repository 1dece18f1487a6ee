import type { Client } from 'nekube/client';
import { formatPath } from 'nekube/smd';
import { applyDecidedBy, type Decide, decideConflicts } from '../apply-decided.ts';
import type { DecidedConflict } from '../decided-configuration.ts';
import { applyConfiguration, type Configuration, findConflicts } from '../field-conflicts.ts';
import { MASKED } from '../mask.ts';
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
      const found = await findConflicts(client, configuration, options);
      if (found.conflicts.length === 0) return { live: found.live, result: found.result, conflicts: [] };
      const plan = await decideConflicts(client, configuration, found, options);
      const conflicts = plan.decided.map((conflict) => reported(configuration, conflict));
      if (plan.refusal !== undefined) return { live: found.live, result: undefined, conflicts };
      const { force } = plan;
      const result = await applyConfiguration(client, plan.configuration, { ...options, force, dryRun: true });
      return { live: found.live, result, conflicts };
    },

    async write(configuration, signal): Promise<Written> {
      const result = await applyDecidedBy(client, configuration, optionsOf(signal));
      if (result.outcome === 'applied') return { object: result.object };
      return { refused: result.decided.map((conflict) => reported(configuration, conflict)) };
    },
  };
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
    wanted: show(applied),
    decision,
    decidedBy: by === undefined ? reason : reason === undefined ? by : `${by}: ${reason}`,
  };
}
