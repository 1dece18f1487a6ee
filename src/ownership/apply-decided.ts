import { isStatusError, type KubeObject, type StatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { identifierOf, type ManagerInfo, newConflictError } from 'nekube/managedfields';
import { comparePaths, strictestByField } from 'nekube/smd';
import { isApplyConflict, managerOf } from './conflict-causes.ts';
import { type DecidedConflict, decidedConfiguration, failedBy, type Verdict } from './decided-configuration.ts';
import {
  applyConfiguration,
  type Configuration,
  type ConflictsFound,
  type FieldConflict,
  findConflicts,
  type FindOptions,
  guarded,
} from './field-conflicts.ts';

/** What is known when conflicts are decided. */
export interface DecisionContext {
  /** What is applied. */
  readonly configuration: Configuration;
  readonly fieldManager: string;
  /** The object before; its managedFields say who owns what. */
  readonly live: KubeObject;
  /** What the object would be if the apply took everything: a dry run with force, made when it is asked for. */
  taken(): Promise<KubeObject>;
}

/** Decides conflicts, all those of an apply at once: one verdict each, in their order. */
export type Decide = (
  conflicts: readonly FieldConflict[],
  context: DecisionContext,
) => readonly Verdict[] | Promise<readonly Verdict[]>;

/** How an apply is made whose conflicts are decided. */
export interface ApplyDecidedOptions extends FindOptions {
  readonly decide: Decide;
  /** True: everything happens but the write. */
  readonly dryRun?: boolean;
}

/** What was decided for an object as it was, and what carries it out. */
export interface Decided {
  /** Empty: there was nothing to decide. */
  readonly decided: readonly DecidedConflict[];
  /** The conflicts that nothing takes care of, as the apply that is refused would tell them; undefined if there are none. */
  readonly refusal: StatusError | undefined;
  /** What is applied instead, for the very object that was read. */
  readonly configuration: Configuration;
  /** Something is forced, and the dry run has shown that nothing else would be. */
  readonly force: boolean;
}

/** How an apply ended. */
export type ApplyDecidedResult =
  | { readonly outcome: 'applied'; readonly object: KubeObject; readonly decided: readonly DecidedConflict[] }
  | { readonly outcome: 'refused'; readonly error: StatusError; readonly decided: readonly DecidedConflict[] };

/** How often an object may change between its conflicts being decided and the apply. */
const ATTEMPTS = 5;

/**
 * Applies a configuration and decides its conflicts on the client's side, for clusters whose server does not: the object
 * and its owners end as by the procedure of stock requests, in which a helper manager takes the forced fields first.
 *
 * It is one write, and only when all is decided and a dry run shows that no more than the forced fields would be taken.
 * That write is for the very object that was decided about; if it changed meanwhile, all begins anew. Without conflicts
 * it is the apply that it would have been, and nothing is asked.
 *
 * @throws StatusError whatever else the server refuses, and the Conflict of an object that keeps changing
 */
export async function applyDecidedBy(
  client: Client,
  configuration: Configuration,
  options: ApplyDecidedOptions,
): Promise<ApplyDecidedResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptApply(client, configuration, options);
    } catch (error) {
      if (!isStale(error, configuration) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The object is another one than what was decided about; one that a caller insists on does not come back. */
function isStale(error: unknown, configuration: Configuration): boolean {
  if (configuration.metadata.resourceVersion !== undefined) return false;
  return isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound');
}

async function attemptApply(
  client: Client,
  configuration: Configuration,
  options: ApplyDecidedOptions,
): Promise<ApplyDecidedResult> {
  try {
    return { outcome: 'applied', object: await applyConfiguration(client, configuration, options), decided: [] };
  } catch (error) {
    if (!isApplyConflict(error)) throw error;
  }
  const found = await findConflicts(client, configuration, options);
  const { refusal, decided, ...plan } = await decideConflicts(client, configuration, found, options);
  if (refusal) return { outcome: 'refused', error: refusal, decided };
  const object = await applyConfiguration(client, plan.configuration, { ...options, force: plan.force });
  return { outcome: 'applied', object, decided };
}

/**
 * Decides the conflicts that were found, and makes the configuration that carries the decisions out; a dry run of it must
 * be in conflict over no more than what is forced. Writes nothing.
 *
 * @throws StatusError Conflict if the object is not the one that was found any more
 */
export async function decideConflicts(
  client: Client,
  configuration: Configuration,
  found: ConflictsFound,
  options: FindOptions & { readonly decide: Decide },
): Promise<Decided> {
  const { live, conflicts } = found;
  if (live === undefined || conflicts.length === 0)
    return { decided: [], refusal: undefined, configuration: guarded(configuration, live), force: false };
  const verdicts = await options.decide(conflicts, contextOf(client, configuration, live, options));
  const counting = strictestByField(conflicts, verdicts);
  const decided = conflicts.map((conflict, i): DecidedConflict => ({ ...conflict, ...counting[i]! }));
  const made = decidedConfiguration(configuration, found, decided);
  const edited = guarded(made.configuration, live);
  const failing = made.decided.filter(({ decision }) => decision === 'fail');
  const force = made.decided.some(({ decision }) => decision === 'force');
  if (failing.length > 0) return refused(made.decided, failing, edited);
  if (made.configuration === configuration)
    return { decided: made.decided, refusal: undefined, configuration: edited, force };
  const left = (await findConflicts(client, edited, options)).conflicts;
  const surprising = left.filter((one) => !isForced(one, made.decided));
  if (surprising.length > 0) {
    const more = surprising.map((one) => failedBy(one, { code: 'ConflictRemains' }));
    return refused([...made.decided, ...more], more, edited);
  }
  return { decided: made.decided, refusal: undefined, configuration: edited, force: left.length > 0 };
}

/** What is known when the conflicts of an apply are decided. */
export function contextOf(
  client: Client,
  configuration: Configuration,
  live: KubeObject,
  options: FindOptions,
): DecisionContext {
  let taken: Promise<KubeObject> | undefined;
  return {
    configuration,
    fieldManager: options.fieldManager,
    live,
    taken: () =>
      (taken ??= applyConfiguration(client, guarded(configuration, live), { ...options, force: true, dryRun: true })),
  };
}

function refused(
  decided: readonly DecidedConflict[],
  failing: readonly FieldConflict[],
  configuration: Configuration,
): Decided {
  return { decided, refusal: conflictErrorOf(failing), configuration, force: false };
}

/** The 409 that an apply would get which is in conflict over these fields. */
export function conflictErrorOf(conflicts: readonly FieldConflict[]): StatusError {
  const infos = new Map<string, ManagerInfo>();
  const list = conflicts.map(({ path, claim }) => {
    const info = managerOf(claim);
    const manager = identifierOf(info);
    infos.set(manager, info);
    return { manager, path };
  });
  return newConflictError(list, (manager) => infos.get(manager));
}

function isForced(conflict: FieldConflict, decided: readonly DecidedConflict[]): boolean {
  return decided.some(
    (one) =>
      one.decision === 'force' &&
      comparePaths(one.path, conflict.path) === 0 &&
      identifierOf(managerOf(one.claim)) === identifierOf(managerOf(conflict.claim)),
  );
}
