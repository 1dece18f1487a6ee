import { isStatusError, jsonEqual, type KubeObject, type StatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type Decide, decideConflicts } from '../apply-decided.ts';
import { isApplyConflict } from '../conflict-causes.ts';
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
import { objectTypesOf } from '../object-types.ts';
import type { ApplyPlan, PlanOutcome } from './apply-plan.ts';
import { plannedFields } from './planned-fields.ts';
import { type PlanInput, PlanSubject } from './subject.ts';
import { planWarnings } from './warnings.ts';

/** How an apply would be made. */
export interface PlanOptions extends FindOptions {
  /** Decides conflicts; default: nothing does, so that all fail. */
  readonly decide?: Decide;
}

/** How often an object may change while it is planned for. */
const ATTEMPTS = 5;

const nothingDecided: Decide = (conflicts) => conflicts.map(() => ({ decision: 'fail' }));

/**
 * Says what an apply would do to an object, field by field, and who would own what afterwards. By dry runs for the very
 * object that was read: the server itself says what it would make of it. Writes nothing.
 *
 * What the server refuses, for conflicts or otherwise, is a plan too; `error` has its answer.
 *
 * @throws ConnectionError, and StatusError where the object cannot even be read
 */
export async function planApply(
  client: Client,
  configuration: Configuration,
  options: PlanOptions,
): Promise<ApplyPlan> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptPlan(client, configuration, options);
    } catch (error) {
      if (!isStale(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function attemptPlan(client: Client, configuration: Configuration, options: PlanOptions): Promise<ApplyPlan> {
  const { fieldManager, subresource = '', decide = nothingDecided } = options;
  const base = { configuration, fieldManager, subresource };
  const found = await findOrRefusal(client, configuration, options);
  if ('error' in found) return planOf({ ...base, ...found, result: undefined, decided: [] }, 'error', found.error);
  try {
    if (found.conflicts.length === 0) {
      const decided = await decidedByServer(client, configuration, found, { ...options, decide });
      return planOf({ ...base, ...found, decided });
    }
    return await planDecided(client, found, base, { ...options, decide });
  } catch (error) {
    if (!isStatusError(error) || isStale(error)) throw error;
    return planOf({ ...base, ...found, result: undefined, decided: [] }, 'error', error);
  }
}

/** The object was changed or deleted meanwhile. */
function isStale(error: unknown): boolean {
  return isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound');
}

async function planDecided(
  client: Client,
  found: ConflictsFound,
  base: Pick<PlanInput, 'configuration' | 'fieldManager' | 'subresource'>,
  options: PlanOptions & { readonly decide: Decide },
): Promise<ApplyPlan> {
  const { configuration } = base;
  const { refusal, decided, ...made } = await decideConflicts(client, configuration, found, options);
  if (refusal === undefined) {
    const { force } = made;
    const result = await applyConfiguration(client, made.configuration, { ...options, force, dryRun: true });
    return planOf({ ...base, ...found, result, decided });
  }
  const forced = await tryForced(client, guarded(configuration, found.live), options);
  return planOf({ ...base, ...found, ...forced, decided }, 'conflict', refusal);
}

/** What the server says to a dry run, or why it refuses even that. */
async function findOrRefusal(
  client: Client,
  configuration: Configuration,
  options: FindOptions,
): Promise<
  | ConflictsFound
  | { readonly error: StatusError; readonly live: KubeObject | undefined; readonly type: ConflictsFound['type'] }
> {
  try {
    return await findConflicts(client, configuration, options);
  } catch (error) {
    if (!isStatusError(error) || isApplyConflict(error)) throw error;
    const isOwnRevision = configuration.metadata.resourceVersion !== undefined;
    if (isStatusError(error, 'Conflict') && !isOwnRevision) throw error;
    const live = await readLive(client, configuration, options.signal);
    return { error, live, type: await objectTypesOf(client).of(configuration, options.signal) };
  }
}

/**
 * What it would be with force, or why not even that would be taken. A server that heeds policies refuses some conflicts for
 * those who force, too: they are told already.
 */
async function tryForced(
  client: Client,
  configuration: Configuration,
  options: FindOptions,
): Promise<Pick<PlanInput, 'result' | 'forceRefusal'>> {
  try {
    return { result: await applyConfiguration(client, configuration, { ...options, force: true, dryRun: true }) };
  } catch (error) {
    if (isApplyConflict(error)) return { result: undefined };
    if (!isStatusError(error) || isStale(error)) throw error;
    return { result: undefined, forceRefusal: error };
  }
}

function planOf(input: PlanInput, refused?: 'conflict' | 'error', error?: StatusError): ApplyPlan {
  const subject = new PlanSubject(input);
  const fields = plannedFields(subject);
  const { configuration, fieldManager, live, result } = input;
  return {
    configuration,
    fieldManager,
    outcome: refused ?? outcomeOf(live, result),
    live,
    after: refused === undefined ? result : undefined,
    fields,
    warnings: planWarnings(subject, fields),
    ...(error !== undefined && { error }),
  };
}

function outcomeOf(live: KubeObject | undefined, result: KubeObject | undefined): PlanOutcome {
  if (live === undefined) return 'created';
  const [before, after] = [partsOf(live), partsOf(result!)];
  if (!jsonEqual(before.object as never, after.object as never)) return 'changed';
  return jsonEqual(before.owners as never, after.owners as never) ? 'none' : 'owners';
}

/** What an object is, and who owns it: without what every write changes. */
function partsOf({ metadata, ...rest }: KubeObject): { readonly object: object; readonly owners: readonly string[] } {
  const { managedFields = [], resourceVersion: _, generation: __, ...kept } = metadata;
  const owners = managedFields.map(({ time: ___, ...entry }) => JSON.stringify(entry)).sort();
  return { object: { ...rest, metadata: kept }, owners };
}
