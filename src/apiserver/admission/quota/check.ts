import { type KubeObject, newFailure } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden } from '../../admission.ts';
import {
  difference,
  type Evaluator,
  namesOf,
  only,
  type ResourceList,
  resourceList,
  type ScopeSelector,
  scopesOf,
  sum,
} from 'nekube/quota';

/** A quota with what is used of it, which grows as requests are admitted. */
export interface RunningQuota {
  readonly quota: KubeObject;
  readonly hard: ResourceList;
  readonly used: ResourceList;
}

/** A resource that may only be used where a quota counts it, or covers its scope. */
export interface LimitedResource {
  readonly apiGroup?: string;
  readonly resource: string;
  /** Parts of the names of what is used. */
  readonly matchContains?: readonly string[];
  readonly matchScopes?: readonly ScopeSelector[];
}

/** A quota as it is stored. */
export function runningQuota(quota: KubeObject): RunningQuota {
  return { quota, hard: resourceList(quota.status?.hard), used: resourceList(quota.status?.used) };
}

/**
 * Takes what the request needs from each quota that it falls under.
 *
 * @returns the quotas as they are if the request is made; the same ones where nothing changes
 * @throws StatusError Forbidden: a quota is exceeded, does not know its use yet, or wants resources to be named
 */
export function checkRequest(
  quotas: readonly RunningQuota[],
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  now: Date,
  limited: readonly LimitedResource[] = [],
): readonly RunningQuota[] {
  const object = attributes.object!;
  const concerned = quotas.filter((one) => isConcerned(one, evaluator, object));
  for (const one of concerned) requireUsable(one, attributes, evaluator);
  if (concerned.length === 0 && limited.length === 0) return quotas;
  const usage = evaluator.usage(object, now);
  const negative = namesOf(usage).filter((name) => usage.get(name)!.sign() < 0);
  if (negative.length > 0)
    throw admissionForbidden(attributes, `quota usage is negative for resource(s): ${negative.join(',')}`);
  const deltas = new Map(concerned.map((one) => [one, deltaOf(one, attributes, evaluator, usage, now)]));
  if (limited.length > 0 && addsSomething(deltas, attributes, evaluator, usage, now))
    requireCover(quotas, concerned, attributes, evaluator, usage, limited);
  return quotas.map((one) => {
    const delta = deltas.get(one);
    return delta === undefined || delta.size === 0 ? one : charge(one, delta, attributes);
  });
}

/** Whether the request uses more than before, in what a quota counts or where none does. */
function addsSomething(
  deltas: ReadonlyMap<RunningQuota, ResourceList>,
  { operation, old }: AdmissionAttributes,
  evaluator: Evaluator,
  usage: ResourceList,
  now: Date,
): boolean {
  if (deltas.size > 0) return [...deltas.values()].some(({ size }) => size > 0);
  const added = operation === 'UPDATE' && old !== undefined ? difference(usage, evaluator.usage(old, now)) : usage;
  return [...added.values()].some((amount) => amount.sign() !== 0);
}

/** What may only be used where a quota counts it must be in one. */
function requireCover(
  quotas: readonly RunningQuota[],
  concerned: readonly RunningQuota[],
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  usage: ResourceList,
  limited: readonly LimitedResource[],
): void {
  const { resource, object } = attributes;
  const parts = limited
    .filter((one) => (one.apiGroup ?? '') === resource.group && one.resource === resource.resource)
    .flatMap(({ matchContains = [] }) => matchContains);
  const counted = new Set(concerned.flatMap(({ hard }) => evaluator.resources(namesOf(hard))));
  const open = namesOf(usage).filter(
    (name) => usage.get(name)!.sign() > 0 && !counted.has(name) && parts.some((part) => name.includes(part)),
  );
  if (open.length > 0) throw admissionForbidden(attributes, `insufficient quota to consume: ${open.join(',')}`);
  const inScope = (scope: ScopeSelector): boolean => evaluator.inScope?.(scope, object!) ?? false;
  const covered = quotas.flatMap(({ quota }) => scopesOf(quota).filter(inScope)).map(({ scopeName }) => scopeName);
  const scopes = limited.flatMap(({ matchScopes = [] }) => matchScopes.filter(inScope));
  const missing = scopes.filter(({ scopeName }) => !covered.includes(scopeName));
  if (missing.length === 0) return;
  const texts = missing.map(
    ({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`,
  );
  throw newFailure(500, '', `insufficient quota to match these scopes: [${texts.join(' ')}]`);
}

/** Whether the quota limits something that objects of this resource use, and has the object in all its scopes. */
function isConcerned({ quota, hard }: RunningQuota, evaluator: Evaluator, object: KubeObject): boolean {
  if (evaluator.resources(namesOf(hard)).length === 0) return false;
  return scopesOf(quota).every((scope) => evaluator.inScope?.(scope, object) ?? false);
}

function requireUsable(
  { quota, hard, used }: RunningQuota,
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
): void {
  const name = quota.metadata.name!;
  const limited = evaluator.resources(namesOf(hard));
  const missing = evaluator.missing?.(limited, attributes.object!);
  if (missing !== undefined) throw admissionForbidden(attributes, `failed quota: ${name}: ${missing}`);
  if (limited.every((resource) => used.has(resource))) return;
  throw admissionForbidden(attributes, `status unknown for quota: ${name}, resources: ${limited.sort().join(',')}`);
}

/** What the request adds to the use: on update only what is more than before, if the quota had counted that. */
function deltaOf(
  one: RunningQuota,
  { operation, old }: AdmissionAttributes,
  evaluator: Evaluator,
  usage: ResourceList,
  now: Date,
): ResourceList {
  const counted = operation === 'UPDATE' && old !== undefined && isConcerned(one, evaluator, old);
  const delta = counted ? difference(usage, evaluator.usage(old, now)) : usage;
  return new Map([...delta].filter(([, amount]) => amount.sign() !== 0));
}

function charge(one: RunningQuota, delta: ResourceList, attributes: AdmissionAttributes): RunningQuota {
  const { quota, hard, used } = one;
  const requested = only(delta, hard.keys());
  const after = sum(used, requested);
  const exceeded = namesOf(requested).filter((name) => after.get(name)!.cmp(hard.get(name)!) > 0);
  if (exceeded.length > 0 && attributes.subresource !== 'status') {
    const [asked, have, limit] = [requested, used, hard].map((list) => printed(list, exceeded));
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${have}, limited: ${limit}`;
    throw admissionForbidden(attributes, why);
  }
  return { quota, hard, used: after };
}

function printed(list: ResourceList, names: readonly string[]): string {
  return names.flatMap((name) => (list.has(name) ? [`${name}=${list.get(name)}`] : [])).join(',');
}
