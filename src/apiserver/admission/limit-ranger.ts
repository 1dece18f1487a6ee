import { type JsonObject, type KubeObject, Quantity } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { type PodResourcesOptions, podResources, type ResourceList, resourceList } from 'nekube/quota';

const ANNOTATION = 'kubernetes.io/limit-ranger';
/** Above this an amount is compared in whole units, since its thousandths do not fit 64 bits. */
const MAX_MILLI_VALUE = (2n ** 63n - 1n) / 1000n;

/** What it takes of a pod as a whole; unlike elsewhere huge pages of the pod do not count. */
const POD_OPTIONS: PodResourcesOptions = {
  podLevel: (name) => name === 'cpu' || name === 'memory',
  useStatus: false,
  overhead: false,
};

/** One item of a LimitRange. */
interface Limit {
  readonly type: string;
  readonly min?: JsonObject;
  readonly max?: JsonObject;
  readonly default?: JsonObject;
  readonly defaultRequest?: JsonObject;
  readonly maxLimitRequestRatio?: JsonObject;
}

interface Container {
  readonly name: string;
  resources?: { requests?: JsonObject; limits?: JsonObject };
}

/** Pods and claims stay within the limit ranges of their namespace; containers get the defaults these have. */
export function limitRanger({ informers }: PluginDeps): AdmissionPlugin {
  const ranges = informers.of('', 'v1', 'limitranges');
  const applies = (attributes: AdmissionAttributes): readonly KubeObject[] =>
    isLimited(attributes) && !attributes.old?.metadata.deletionTimestamp
      ? ranges.inNamespace(attributes.namespace)
      : [];
  return {
    name: 'LimitRanger',
    mutate(attributes) {
      if (attributes.resource.resource !== 'pods') return;
      for (const range of applies(attributes)) setDefaults(attributes.object!, range.spec.limits);
    },
    validate(attributes) {
      for (const range of applies(attributes)) {
        const problems = problemsOf(attributes, range.spec.limits);
        if (problems.length > 0) throw admissionForbidden(attributes, aggregate(problems));
      }
    },
  };
}

function isLimited({ operation, resource, subresource }: AdmissionAttributes): boolean {
  if (resource.group !== '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return false;
  if (resource.resource === 'pods') return operation === 'CREATE' ? subresource === '' : subresource === 'resize';
  return resource.resource === 'persistentvolumeclaims' && subresource === '';
}

/** Several errors as Go's aggregate prints them: each once, in brackets where there are more. */
function aggregate(problems: readonly string[]): string {
  const once = [...new Set(problems)];
  return once.length === 1 ? once[0]! : `[${once.join(', ')}]`;
}

function setDefaults(pod: KubeObject, limits: readonly Limit[]): void {
  const ofContainers = limits.filter(({ type }) => type === 'Container');
  const requests: JsonObject = Object.assign({}, ...ofContainers.map((limit) => limit.defaultRequest));
  const maxima: JsonObject = Object.assign({}, ...ofContainers.map((limit) => limit.default));
  const told: string[] = [];
  for (const container of pod.spec.containers ?? []) merge(container, 'container', requests, maxima, told);
  for (const container of pod.spec.initContainers ?? []) merge(container, 'init container', requests, maxima, told);
  if (told.length > 0)
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}`,
    };
}

function merge(container: Container, what: string, requests: JsonObject, limits: JsonObject, told: string[]): void {
  const resources = (container.resources ??= {});
  for (const [side, defaults] of [
    ['requests', requests],
    ['limits', limits],
  ] as const) {
    const missing = Object.keys(defaults)
      .filter((name) => resources[side]?.[name] === undefined)
      .sort();
    if (missing.length === 0) continue;
    resources[side] = { ...resources[side], ...Object.fromEntries(missing.map((name) => [name, defaults[name]!])) };
    told.push(`${missing.join(', ')} ${side.slice(0, -1)} for ${what} ${container.name}`);
  }
}

function problemsOf({ resource, object }: AdmissionAttributes, limits: readonly Limit[]): string[] {
  const problems: string[] = [];
  const check = (limit: Limit, asked: Asked): void => void problems.push(...beyond(limit, asked));
  for (const limit of limits) {
    if (resource.resource === 'persistentvolumeclaims') {
      if (limit.type === 'PersistentVolumeClaim') problems.push(...claimBeyond(limit, object!));
    } else if (limit.type === 'Container') {
      const { containers = [], initContainers = [] } = object!.spec;
      for (const one of [...containers, ...initContainers] as Container[])
        check(limit, { requests: resourceList(one.resources?.requests), limits: resourceList(one.resources?.limits) });
    } else if (limit.type === 'Pod') {
      check(limit, {
        requests: podResources(object!, 'requests', POD_OPTIONS),
        limits: podResources(object!, 'limits', POD_OPTIONS),
      });
    }
  }
  return problems;
}

/** A claim has no limits, and its requests alone must not exceed the maximum. */
function claimBeyond(limit: Limit, claim: KubeObject): string[] {
  const asked = { requests: resourceList(claim.spec.resources?.requests), limits: new Map<string, Quantity>() };
  const problems = [...resourceList(limit.min)].map(([name, min]) => belowMin(limit.type, name, min, asked));
  for (const [name, max] of resourceList(limit.max)) {
    const request = asked.requests.get(name);
    const start = `maximum ${name} usage per ${limit.type} is ${max}`;
    if (request === undefined) problems.push(`${start}.  No request is specified`);
    else if (compare(request, max) > 0) problems.push(`${start}, but request is ${request}`);
  }
  return problems.filter((problem) => problem !== undefined);
}

interface Asked {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

function beyond(limit: Limit, asked: Asked): string[] {
  const problems = [
    ...[...resourceList(limit.min)].map(([name, min]) => belowMin(limit.type, name, min, asked)),
    ...[...resourceList(limit.max)].map(([name, max]) => aboveMax(limit.type, name, max, asked)),
    ...[...resourceList(limit.maxLimitRequestRatio)].map(([name, ratio]) => aboveRatio(limit.type, name, ratio, asked)),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function belowMin(type: string, name: string, min: Quantity, { requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const start = `minimum ${name} usage per ${type} is ${min}`;
  if (request === undefined) return `${start}.  No request is specified`;
  if (compare(request, min, limit) < 0) return `${start}, but request is ${request}`;
  if (limit !== undefined && compare(limit, min, request) < 0) return `${start}, but limit is ${limit}`;
  return undefined;
}

function aboveMax(type: string, name: string, max: Quantity, { requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const start = `maximum ${name} usage per ${type} is ${max}`;
  if (limit === undefined) return `${start}.  No limit is specified`;
  if (compare(limit, max, request) > 0) return `${start}, but limit is ${limit}`;
  if (request !== undefined && compare(request, max, limit) > 0) return `${start}, but request is ${request}`;
  return undefined;
}

function aboveRatio(type: string, name: string, ratio: Quantity, { requests, limits }: Asked): string | undefined {
  const [request, limit] = [requests.get(name) ?? Quantity.zero, limits.get(name) ?? Quantity.zero];
  const start = `${name} max limit to request ratio per ${type} is ${ratio}`;
  if (request.sign() === 0) return `${start}, but no request is specified or request is 0`;
  if (limit.sign() === 0) return `${start}, but no limit is specified or limit is 0`;
  const [a, b] = atOnePrecision(limit, request, ratio);
  const observed = Number(a) / Number(b);
  const milli = ratio.value() <= MAX_MILLI_VALUE;
  const exceeds = milli ? observed * 1000 > Number(ratio.milliValue()) : observed > Number(ratio.value());
  return exceeds ? `${start}, but provided ratio is ${observed.toFixed(6)}` : undefined;
}

/** Compares two amounts; a third one that is compared to the same bound has a say in how precisely. */
function compare(a: Quantity, b: Quantity, third: Quantity = Quantity.zero): number {
  const [x, y] = atOnePrecision(a, b, third);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** In thousandths where all fit 64 bits so, else in whole units. */
function atOnePrecision(a: Quantity, b: Quantity, third: Quantity): [bigint, bigint] {
  const precise = [a, b, third].every((amount) => amount.value() <= MAX_MILLI_VALUE);
  return precise ? [a.milliValue(), b.milliValue()] : [a.value(), b.value()];
}
