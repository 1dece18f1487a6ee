import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  StatusError,
} from 'nekube/apimachinery';
import {
  applyEdit,
  type Configuration,
  type EditPlan,
  type EditRequest,
  maskSecret,
  ownerData,
  type PlannedField,
  planEdit,
  type PlanWarning,
  readableValue,
} from 'nekube/ownership';
import { patternOf } from 'nekube/smd';
import type { Endpoints, PageRequest } from './endpoint.ts';
import { applyOptions } from './apply-options.ts';
import { namedObject } from './stated-object.ts';

/** Fields of a plan that are told; more than a person reads. */
const MOST_FIELDS = 2000;

/**
 * An edit of a whole object, planned and made. The body is `{object, base?, decide, remove}`: the object as it was edited
 * and as it was read (none: it is to be new), what becomes of conflicts, and the paths of what is taken away from others.
 */
export const editEndpoints: Endpoints = {
  'POST /console/edit/plan': async (request) => {
    const edit = editOf(request);
    const { unread, ...options } = await applyOptions(request, edit.edited);
    return planOf(await planEdit(request.client, edit, options), unread);
  },

  'POST /console/edit/apply': async (request) => {
    const { planned } = bodyOf(request);
    const edit = editOf(request);
    const { unread: _, ...options } = await applyOptions(request, edit.edited);
    const made = { ...options, planned: typeof planned === 'string' ? planned : undefined };
    const result = await applyEdit(request.client, edit, made);
    if (result.outcome === 'applied') return { object: maskSecret(result.object) as unknown as JsonObject };
    if (result.outcome === 'refused') throw result.error;
    const removed = result.removed.map(patternOf).join(', ');
    const { status } = result.error;
    const message = `${removed} was removed, and then the apply was refused: ${status.message}`;
    throw new StatusError({ ...status, message });
  },
};

function bodyOf({ body }: PageRequest): JsonObject {
  return isJsonObject(body) ? body : {};
}

function editOf(request: PageRequest): EditRequest {
  const { object, base: before, remove = [] } = bodyOf(request);
  const edited = namedObject(object, 'object');
  const base = before === undefined ? undefined : namedObject(before, 'base');
  if (base !== undefined && !isSame(edited, base))
    throw newBadRequest('apiVersion, kind, metadata.name and metadata.namespace of an object cannot be edited');
  const taken = new Set(textsOf(remove));
  return {
    edited,
    base,
    takes: (path) => taken.has(patternOf(path)),
  };
}

function textsOf(list: JsonValue): string[] {
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
    throw newBadRequest('remove must be a list of paths');
  return list as string[];
}

function isSame(a: Configuration, b: Configuration): boolean {
  const [one, other] = [a.metadata, b.metadata];
  return (
    a.apiVersion === b.apiVersion && a.kind === b.kind && one.name === other.name && one.namespace === other.namespace
  );
}

function planOf({ live, configuration, plan, removals, ignored }: EditPlan, unread: readonly JsonObject[]): JsonObject {
  const told = (plan?.fields ?? []).filter(({ action, claimed }) => action !== 'unchanged' || claimed);
  return {
    outcome: plan?.outcome ?? (removals.some(({ taken }) => taken) ? 'changed' : 'none'),
    applies: plan !== undefined,
    resourceVersion: live?.metadata.resourceVersion ?? null,
    configuration: maskSecret(configuration) as unknown as JsonObject,
    fields: told.slice(0, MOST_FIELDS).map((field) => fieldData(configuration, field)),
    moreFields: Math.max(told.length - MOST_FIELDS, 0),
    warnings: [...(plan?.warnings ?? []).map(warningData), ...unread],
    removals: removals.map(({ path, owners, taken }) => ({
      path: patternOf(path),
      owners: owners.map(ownerData),
      taken,
    })),
    ignored: ignored.map(patternOf),
    ...(plan?.outcome === 'error' && plan.error && { error: plan.error.status as unknown as JsonObject }),
    ...(plan?.outcome === 'error' && plan.error === undefined && { error: { message: 'the kind is not served' } }),
  };
}

function warningData({ type, message, paths, facts = {}, fix }: PlanWarning): JsonObject {
  return { type, message, paths: paths.map(patternOf), facts, ...(fix !== undefined && { fix }) };
}

function fieldData(
  object: KubeObject,
  { path, action, live, applied, result, others, claimed, verdict }: PlannedField,
): JsonObject {
  const value = (name: string, one: JsonValue | undefined): JsonObject =>
    one === undefined ? {} : { [name]: readableValue(object, path, one) };
  return {
    path: patternOf(path),
    action,
    claimed,
    others: others.map(ownerData),
    ...value('live', live),
    ...value('applied', applied),
    ...value('result', result),
    ...(verdict && { decision: verdict.decision, by: verdict.by ?? '', reason: verdict.reason ?? '' }),
    ...(verdict?.why && { why: verdict.why }),
  };
}
