import {
  formatTime,
  type KubeObject,
  labelSelectorFromObject,
  newBadRequest,
  newNotFound,
  newTooManyRequests,
  StatusError,
} from 'nekube/apimachinery';
import { type BodyType, decodeBody, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { plainError } from '../errors.ts';
import { type DeleteOptions, deleteObject } from '../handlers/delete.ts';
import { admitPosted, storeOptions } from '../handlers/write.ts';
import { parseMutateOptions } from '../options.ts';
import { sendStatus } from '../respond.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';
import { bodyTypeOfKind } from './body-types.ts';

/** Who owns what the server itself writes into a budget. */
const MANAGER = 'kube-apiserver';
const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** POST of an Eviction: deletes a pod, unless its disruption budget forbids that now. */
export async function handleEviction(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): Promise<void> {
  const options = parseMutateOptions('Create', context.query);
  const eviction = decodeBody(context, await readBody(context.request), evictionType(), options.fieldValidation);
  const { name, namespace } = context.info;
  await admitPosted(context, deps, { resource, kind: EVICTION, object: eviction, options }, () => {
    if ((eviction.metadata.name ?? '') !== name)
      throw newBadRequest('name in URL does not match name in Eviction object');
  });
  const pod = await deps.store.head(resource, namespace, name);
  if (pod === undefined) throw newNotFound(groupResource(resource), name);
  const deleteOptions: DeleteOptions = { ...eviction.deleteOptions, ...(options.dryRun && { dryRun: ['All'] }) };
  if (!ignoresBudget(pod)) await takeFromBudget(context, deps, pod, deleteOptions);
  if (!isDryRun(deleteOptions)) await markTarget(context, deps, resource, pod);
  await deleteObject(context, deps, resource, name, deleteOptions, () => {});
  sendStatus(context, 201, { status: 'Success', code: 201 });
}

/** policy/v1beta1 had an Eviction of the same form, which is taken still. */
function evictionType(): BodyType {
  const type = bodyTypeOfKind('policy/v1', 'Eviction');
  return { ...type, alsoTakes: ['policy/v1beta1'] };
}

const isDryRun = (options: DeleteOptions): boolean => (options.dryRun?.length ?? 0) > 0;

/** Pods that run nothing can go at any time. */
function ignoresBudget(pod: KubeObject): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(pod.metadata.deletionTimestamp);
}

async function takeFromBudget(
  context: RequestContext,
  deps: ServerDeps,
  pod: KubeObject,
  options: DeleteOptions,
): Promise<void> {
  const budgets = await budgetsOf(deps, pod);
  if (budgets.length === 0) return;
  if (budgets.length > 1)
    throw plainError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budget = budgets[0]!;
  if (!isReady(pod) && letsUnhealthyGo(budget)) return;
  const resource = deps.resources.builtin('policy', 'v1', 'poddisruptionbudgets');
  const { name = '', namespace = '' } = budget.metadata;
  const take = (current: KubeObject | undefined): KubeObject =>
    resource.fieldManager('status').update(current, disrupt(current!, pod, context.now), MANAGER);
  await deps.store.update(resource, namespace, name, take, {
    ...storeOptions(context, deps, resource, { dryRun: isDryRun(options), given: {} }),
    rules: {},
    validate: () => {},
  });
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
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    throw refusal(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, 10);
  if ((status.disruptionsAllowed ?? 0) < 1)
    throw refusal(
      `The disruption budget ${budget.metadata.name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
      0,
    );
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

function refusal(cause: string, retryAfterSeconds: number): Error {
  const { status } = newTooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
  );
  const causes = [{ reason: 'DisruptionBudget', message: cause }];
  return new StatusError({ ...status, details: { causes, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) } });
}

/** The condition that tells why a pod ends. */
async function markTarget(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  pod: KubeObject,
): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  const time = formatTime(context.now);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: time,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const mark = (current: KubeObject | undefined): KubeObject => {
    const marked = structuredClone(current!);
    const others = (marked.status.conditions ?? []).filter((c: { type: string }) => c.type !== condition.type);
    marked.status.conditions = [...others, condition];
    return marked;
  };
  await deps.store.update(resource, namespace, name, mark, {
    ...storeOptions(context, deps, resource, { dryRun: false, given: {} }),
    rules: {},
    validate: () => {},
  });
}
