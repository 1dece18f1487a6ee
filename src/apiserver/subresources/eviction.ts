import {
  formatTime,
  invalid,
  isStatusError,
  type KubeObject,
  labelSelectorFromObject,
  newBadRequest,
  newForbidden,
  newInvalid,
  newNotFound,
  newTooManyRequests,
  StatusError,
} from 'nekube/apimachinery';
import { type BodyType, decodeBody, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { plainError } from '../errors.ts';
import { checkPreconditions, type DeleteOptions, deleteObject } from '../handlers/delete.ts';
import { admitPosted, storeOptions } from '../handlers/write.ts';
import { parseMutateOptions } from '../options.ts';
import { sendStatus } from '../respond.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';
import { bodyTypeOfKind } from './body-types.ts';

/** Who owns what the server itself writes into a budget. */
const MANAGER = 'kube-apiserver';
/** The condition that tells why a pod ends. */
const TARGET = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
};
/** More pods that were let go and are not deleted yet are too many. */
const MOST_DISRUPTED = 2000;
/** So often the eviction of a pod is tried that changes meanwhile. */
const MOST_TRIES = 20;
const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** POST of an Eviction: deletes a pod, unless its disruption budget forbids that now. */
export async function handleEviction(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): Promise<void> {
  const options = parseMutateOptions('Create', context.query);
  const eviction = decodeBody(context, await readBody(context.request), evictionType(), options.fieldValidation);
  const { name } = context.info;
  await admitPosted(context, deps, { resource, kind: EVICTION, object: eviction, options }, () => {
    if ((eviction.metadata.name ?? '') !== name)
      throw newBadRequest('name in URL does not match name in Eviction object');
    if (eviction.deleteOptions?.ignoreStoreReadErrorWithClusterBreakingPotential === true)
      throw newInvalid({ group: 'policy', resource: 'Eviction' }, name, [
        invalid(
          'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential',
          true,
          'can not be set for pod eviction, try after removing the option',
        ),
      ]);
  });
  const asked: DeleteOptions = { ...eviction.deleteOptions, ...(options.dryRun && { dryRun: ['All'] }) };
  await evict(context, deps, resource, asked);
  sendStatus(context, 201, { status: 'Success', code: 201 });
}

async function evict(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  asked: DeleteOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const pod = await podOf(context, deps, resource);
    if (!ignoresBudget(pod)) return evictByBudget(context, deps, { resource, pod, asked });
    try {
      return await markAndDelete(context, deps, resource, isOver(pod) ? asked : inVersionOf(pod, asked));
    } catch (error) {
      const isRace = isStatusError(error, 'Conflict') && asked.preconditions?.resourceVersion === undefined;
      if (!isRace || tries === MOST_TRIES) throw error;
    }
  }
}

/** A pod that is not ready must not become so meanwhile: then the budget would count it. */
async function evictByBudget(
  context: RequestContext,
  deps: ServerDeps,
  {
    resource,
    pod,
    asked,
  }: { readonly resource: ServedResource; readonly pod: KubeObject; readonly asked: DeleteOptions },
): Promise<void> {
  const ignored = await takeFromBudget(context, deps, pod, asked);
  if (ignored === undefined) return markAndDelete(context, deps, resource, asked);
  try {
    await markAndDelete(context, deps, resource, inVersionOf(pod, asked, true));
  } catch (error) {
    if (!isStatusError(error, 'Conflict') || asked.preconditions?.resourceVersion !== undefined) throw error;
    throw stillProcessed(ignored);
  }
}

async function podOf(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<KubeObject> {
  const { name, namespace } = context.info;
  const pod = await deps.store.head(resource, namespace, name);
  if (pod === undefined) throw newNotFound(groupResource(resource), name);
  return pod;
}

/** The options for just this version of a pod; unless they are `always`, one that they ask for stays. */
function inVersionOf({ metadata }: KubeObject, asked: DeleteOptions, always = false): DeleteOptions {
  const resourceVersion = (always ? undefined : asked.preconditions?.resourceVersion) ?? metadata.resourceVersion;
  return { ...asked, preconditions: { ...asked.preconditions, ...(resourceVersion && { resourceVersion }) } };
}

/** policy/v1beta1 had an Eviction of the same form, which is taken still. */
function evictionType(): BodyType {
  const type = bodyTypeOfKind('policy/v1', 'Eviction');
  return { ...type, alsoTakes: ['policy/v1beta1'] };
}

const isDryRun = (options: DeleteOptions): boolean => (options.dryRun?.length ?? 0) > 0;

/** Pods that run nothing can go at any time. */
function ignoresBudget(pod: KubeObject): boolean {
  return isOver(pod) || pod.status?.phase === 'Pending';
}

/** Whether a pod has ended, or goes already: it will not run again. */
function isOver({ metadata, status }: KubeObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' || Boolean(metadata.deletionTimestamp);
}

/** @returns the name of a budget that lets the pod go without counting it: it is not ready */
async function takeFromBudget(
  context: RequestContext,
  deps: ServerDeps,
  pod: KubeObject,
  options: DeleteOptions,
): Promise<string | undefined> {
  const budgets = await budgetsOf(deps, pod);
  if (budgets.length === 0) return undefined;
  if (budgets.length > 1)
    throw plainError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budget = budgets[0]!;
  const { name = '', namespace = '' } = budget.metadata;
  if (!isReady(pod) && letsUnhealthyGo(budget)) return name;
  const resource = deps.resources.builtin('policy', 'v1', 'poddisruptionbudgets');
  const take = (current: KubeObject | undefined): KubeObject =>
    resource.fieldManager('status').update(current, disrupt(current!, pod, context.now), MANAGER);
  await deps.store.update(resource, namespace, name, take, {
    ...storeOptions(context, deps, resource, { dryRun: isDryRun(options), given: {} }),
    rules: {},
    validate: () => {},
  });
  return undefined;
}

async function budgetsOf(deps: ServerDeps, pod: KubeObject): Promise<KubeObject[]> {
  const resource = deps.resources.builtin('policy', 'v1', 'poddisruptionbudgets');
  const { entries } = await deps.storage.range(`${resource.keyPrefix}${pod.metadata.namespace}/`);
  return entries
    .map((entry) => deps.store.decode(resource, entry))
    .filter(
      (budget) => budget.spec?.selector && labelSelectorFromObject(budget.spec.selector).matches(pod.metadata.labels),
    );
}

function isReady(pod: KubeObject): boolean {
  const conditions: readonly { type: string; status: string }[] = pod.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Whether the budget lets a pod go that is not ready, which none of its numbers count. */
function letsUnhealthyGo({ spec, status }: KubeObject): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** The budget with one disruption less. @throws StatusError TooManyRequests if it allows none */
function disrupt(stored: KubeObject, pod: KubeObject, now: Date): KubeObject {
  const budget = structuredClone(stored);
  const status = (budget.status ??= {});
  const { name = '', generation = 0 } = budget.metadata;
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessed(name);
  const allowed: number = status.disruptionsAllowed ?? 0;
  const group = { group: 'policy', resource: 'poddisruptionbudget' };
  if (allowed < 0) throw newForbidden(group, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw newForbidden(group, name, why);
  }
  if (allowed === 0) throw refusal(`The disruption budget ${name} ${whyNone(status)}`, 0);
  status.disruptionsAllowed -= 1;
  if (status.disruptionsAllowed === 0) status.conditions = usedUp(status, now);
  status.disruptedPods = { ...status.disruptedPods, [pod.metadata.name!]: formatTime(now) };
  return budget;
}

/** The conditions of a budget that allows no more. */
function usedUp(status: NonNullable<KubeObject['status']>, now: Date): readonly object[] {
  const before: readonly { type: string; status: string; lastTransitionTime: string }[] = status.conditions ?? [];
  const known = before.find(({ type }) => type === 'DisruptionAllowed');
  const condition = {
    ...known,
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status.observedGeneration,
    lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : formatTime(now),
    reason: 'InsufficientPods',
    message: '',
  };
  return known === undefined ? [...before, condition] : before.map((one) => (one === known ? condition : one));
}

/** Why a budget lets no pod go, as words after its name. */
function whyNone(status: NonNullable<KubeObject['status']>): string {
  const conditions: readonly { type: string; status: string; reason: string; message?: string }[] =
    status.conditions ?? [];
  const found = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const told = found?.status === 'False' && found.message ? found : undefined;
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  if (told?.reason === 'SyncFailed')
    return `does not allow evicting pods currently because it failed sync: ${told.message}`;
  if (currentHealthy <= desiredHealthy)
    return `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  if (told !== undefined) return `does not allow evicting pods currently (${told.reason}): ${told.message}`;
  return 'does not allow evicting pods currently';
}

function stillProcessed(name: string): Error {
  return refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function refusal(cause: string, retryAfterSeconds: number): Error {
  const { status } = newTooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
  );
  const causes = [{ reason: 'DisruptionBudget', message: cause }];
  return new StatusError({ ...status, details: { causes, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) } });
}

/** Tells in a condition why the pod ends, and deletes it. */
async function markAndDelete(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  options: DeleteOptions,
): Promise<void> {
  const { name, namespace } = context.info;
  let own = options;
  if (!isDryRun(options)) {
    const mark = (current: KubeObject | undefined): KubeObject => {
      checkPreconditions(resource, current!, current!.metadata.resourceVersion ?? '', options);
      return marked(current!, context.now);
    };
    const { entry } = await deps.store.update(resource, namespace, name, mark, {
      ...storeOptions(context, deps, resource, { dryRun: false, given: {} }),
      rules: {},
      validate: () => {},
    });
    if (options.preconditions?.resourceVersion !== undefined)
      own = { ...options, preconditions: { ...options.preconditions, resourceVersion: String(entry.modRevision) } };
  }
  await deleteObject(context, deps, resource, name, own, () => {});
}

/** The pod with the condition, in its place if it has one of the type; its time is that of the last change of status. */
function marked(pod: KubeObject, now: Date): KubeObject {
  const result = structuredClone(pod);
  const status = (result.status ??= {});
  const conditions: readonly { type: string; status: string; lastTransitionTime?: string }[] = status.conditions ?? [];
  const known = conditions.find(({ type }) => type === TARGET.type);
  const lastTransitionTime = known?.status === TARGET.status ? known.lastTransitionTime : formatTime(now);
  const target = { ...TARGET, lastProbeTime: null, lastTransitionTime };
  status.conditions =
    known === undefined ? [...conditions, target] : conditions.map((one) => (one === known ? target : one));
  return result;
}
