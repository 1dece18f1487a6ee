import {
  diffJson,
  isStatusError,
  type JsonObject,
  type KubeObject,
  newConflict,
  newFailure,
  type StatusCause,
  type StatusError,
} from 'nekube/apimachinery';
import type { Client, JsonPatchOperation, Kind } from 'nekube/client';
import { type FieldPath, FieldSet, type ParseableType, patternOf, Violations } from 'nekube/smd';
import { applyDecidedBy, type ApplyDecidedResult, type Decide } from '../apply-decided.ts';
import { type Configuration, type FindOptions, guarded, keyOf, readLive } from '../field-conflicts.ts';
import { objectTypesOf } from '../object-types.ts';
import type { ApplyPlan } from '../plan/apply-plan.ts';
import { planApply } from '../plan/plan.ts';
import { editedConfiguration, type ForeignRemoval, newConfiguration } from './edited-configuration.ts';

/** What a person wants an object to be. */
export interface EditRequest {
  /** As the person saw it; undefined: the object is to be new. */
  readonly base: KubeObject | undefined;
  readonly edited: Configuration;
  /** Whether a field that the edit leaves out, and that others keep, is taken away from them; default: it stays. */
  readonly takes?: (path: FieldPath) => boolean;
}

/** How an edit is made. */
export interface EditOptions extends Omit<FindOptions, 'subresource'> {
  /** Decides conflicts; default: nothing does, so that all fail. */
  readonly decide?: Decide;
}

/** A field that the edit leaves out and others keep, and whether it goes all the same. */
export interface PlannedRemoval extends ForeignRemoval {
  readonly taken: boolean;
}

/** What an edit would do. */
export interface EditPlan {
  readonly live: KubeObject | undefined;
  /** What is applied; it states only what the manager applied before and what was edited. */
  readonly configuration: Configuration;
  /** Undefined: there is nothing to apply. */
  readonly plan: ApplyPlan | undefined;
  readonly removals: readonly PlannedRemoval[];
  /** What was edited and is not for an apply of the object: what the server alone sets, and the status. */
  readonly ignored: readonly FieldPath[];
}

/** How an edit ended. */
export type EditResult =
  | { readonly outcome: 'applied'; readonly object: KubeObject }
  | { readonly outcome: 'refused'; readonly error: StatusError }
  /** What was taken away from others is gone; the apply that came after it was refused. */
  | { readonly outcome: 'half'; readonly error: StatusError; readonly removed: readonly FieldPath[] };

/**
 * Says what an edit would do, field by field. Writes nothing.
 *
 * @throws StatusError Invalid where the edit does not fit the kind, NotFound and Conflict where the object is gone or is
 *   another one of the same name, and what else the server refuses to read
 */
export async function planEdit(client: Client, request: EditRequest, options: EditOptions): Promise<EditPlan> {
  const edit = await prepare(client, request, options);
  const { configuration, live, isEmpty, removals, ignored } = edit;
  const plan = isEmpty ? undefined : await planApply(client, configuration, options);
  return { live, configuration, plan, removals, ignored };
}

/**
 * Makes an edit, for the very object that was planned for.
 *
 * Mostly it is one write, the apply. What is taken away from others goes before it, in a write of its own: an apply can
 * only remove what its manager alone applied, and a write that does both would make the manager one that updates. It goes
 * only where a dry run shows that the apply would be taken.
 *
 * @param planned the resourceVersion that the plan was made for
 * @throws StatusError as `planEdit`, and Conflict where the object changed since it was planned for
 */
export async function applyEdit(
  client: Client,
  request: EditRequest,
  { planned, ...options }: EditOptions & { readonly planned: string | undefined },
): Promise<EditResult> {
  const edit = await prepare(client, request, options);
  const { live, type, removals } = edit;
  if (live?.metadata.resourceVersion !== planned) throw newStale(request.edited);
  const taken = removals.filter((one) => one.taken).map(({ path }) => path);
  const { decide = (conflicts) => conflicts.map(() => ({ decision: 'fail' as const })) } = options;
  const apply = (to: KubeObject | undefined, dryRun = false): Promise<ApplyDecidedResult> =>
    applyDecidedBy(client, guarded(edit.configuration, to), { ...options, decide, dryRun });
  if (live === undefined || taken.length === 0) {
    if (edit.isEmpty) return { outcome: 'applied', object: live! };
    return await apply(live);
  }
  if (!edit.isEmpty) {
    const tried = await apply(live, true);
    if (tried.outcome === 'refused') return tried;
  }
  const without = await removeFields(client, live, taken, type, options);
  if (edit.isEmpty) return { outcome: 'applied', object: without };
  const result = await apply(without).catch((error: unknown) => ({ error }));
  if ('object' in result) return result;
  if (!isStatusError(result.error)) throw result.error;
  return { outcome: 'half', error: result.error, removed: taken };
}

interface Prepared extends Omit<EditPlan, 'plan'> {
  readonly type: ParseableType;
  /** There is nothing to apply, and there was nothing. */
  readonly isEmpty: boolean;
}

async function prepare(client: Client, { base, edited, takes }: EditRequest, options: EditOptions): Promise<Prepared> {
  const live = await readLive(client, edited, options.signal);
  const { type } = await objectTypesOf(client).of(edited, options.signal);
  if (base === undefined) {
    const configuration = newConfiguration(edited);
    return { live, type, configuration, isEmpty: false, removals: [], ignored: [] };
  }
  if (live === undefined || live.metadata.uid !== base.metadata.uid) throw newGone(edited, live !== undefined);
  const made = editedConfiguration({ base, edited, live }, { fieldManager: options.fieldManager, type });
  if (made instanceof Violations) throw newUnfit(edited, made);
  const { configuration, foreign, ignored, changed, dropped } = made;
  return {
    live,
    type,
    configuration,
    isEmpty: changed.empty && dropped.length === 0,
    removals: foreign.map((one) => ({ ...one, taken: takes?.(one.path) ?? false })),
    ignored,
  };
}

/** Takes fields out of an object, whoever owns them: for the very object that was read. */
async function removeFields(
  client: Client,
  live: KubeObject,
  paths: readonly FieldPath[],
  type: ParseableType,
  options: EditOptions,
): Promise<KubeObject> {
  const parsed = type.parse(live as unknown as JsonObject, { allowDuplicates: true });
  if (parsed instanceof Violations) throw newUnfit(live as Configuration, parsed);
  const without = parsed.removeItems(FieldSet.of(...paths)).value as JsonObject;
  const { resourceVersion } = live.metadata;
  const json: JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion! },
    ...diffJson(live as unknown as JsonObject, without),
  ];
  const { fieldManager, fieldValidation, signal } = options;
  return await client.patch(live as Kind, keyOf(live), { json }, { fieldManager, fieldValidation, signal });
}

function newStale({ metadata: { name = '' }, kind }: Configuration): StatusError {
  return newConflict({ group: '', resource: kind }, name, 'it changed since the plan was made; plan again');
}

function newGone({ metadata: { name = '' }, kind }: Configuration, isOther: boolean): StatusError {
  const why = isOther ? 'it was deleted, and there is another one of the same name' : 'it was deleted';
  return newConflict({ group: '', resource: kind }, name, `${why} since it was read`);
}

/** Invalid, with a cause a field, so that each can be shown where it stands. */
function newUnfit({ kind, metadata }: Configuration, { list, message }: Violations): StatusError {
  const causes = list.map(
    ({ path, message: said }): StatusCause => ({ reason: 'FieldValueTypeInvalid', field: path, message: said }),
  );
  const { name = '' } = metadata;
  return newFailure(422, 'Invalid', `${kind} ${JSON.stringify(name)} does not fit its schema: ${message}`, {
    kind,
    name,
    causes,
  });
}

/** Decisions of a person, one a field, by `patternOf` its path; what none is about fails. */
export function decideByPath(decisions: ReadonlyMap<string, 'force' | 'share' | 'yield'>): Decide {
  return (conflicts) => conflicts.map(({ path }) => ({ decision: decisions.get(patternOf(path)) ?? 'fail' }));
}
