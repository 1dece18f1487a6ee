import { type JsonObject, type KubeObject, parseQuantity } from 'nekube/apimachinery';
import { isExtendedResource } from './extended-resource.ts';
import { hasPodLevelResources, isPodLevelResource, podResources, type PodResourcesOptions } from './pod-resources.ts';
import { addTo, namesOf, type ResourceList, resourceList } from './resource-list.ts';

const DEVICE_CLASS = 'deviceclass.resource.kubernetes.io/';
const REQUESTS = 'requests.';
const HUGE_PAGES = 'hugepages-';
const COUNT = 'count/pods';

/** What a quota can say of pods by name. */
const POD_RESOURCES = [
  COUNT,
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
];

/** What each container must say itself where a quota counts it. */
const REQUIRED = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

const OPTIONS: PodResourcesOptions = { podLevel: isPodLevelResource, useStatus: true, overhead: true };

/** Those of the names that pods are counted by. */
export function podResourceNames(names: readonly string[]): string[] {
  return names.filter(
    (name) =>
      POD_RESOURCES.includes(name) ||
      name.startsWith(HUGE_PAGES) ||
      name.startsWith(REQUESTS + HUGE_PAGES) ||
      isExtendedInQuota(name),
  );
}

/** Whether a quota's resource is an extended one, `requests.example.com/gpu`. */
function isExtendedInQuota(name: string): boolean {
  return name.startsWith(REQUESTS) && (!isNative(name) || name.startsWith(REQUESTS + DEVICE_CLASS));
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return name.startsWith(DEVICE_CLASS) || isExtendedResource(name);
}

/** What a pod uses of quotas; one that has ended, or whose end is overdue, only counts as an object. */
export function podUsage(pod: KubeObject, now: Date): ResourceList {
  const usage: ResourceList = new Map([[COUNT, ONE]]);
  if (!isPodCounted(pod, now)) return usage;
  addTo(usage, computeUsage(podResources(pod, 'requests', OPTIONS), podResources(pod, 'limits', OPTIONS)));
  return usage;
}

const ONE = parseQuantity('1');

/** Whether a pod is counted by more than its being there: it has not ended, and its end is not overdue. */
export function isPodCounted({ metadata, status }: KubeObject, now: Date): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return now.getTime() <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: ResourceList = new Map([['pods', ONE]]);
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request !== undefined) usage.set(name, request).set(REQUESTS + name, request);
    if (limit !== undefined) usage.set(`limits.${name}`, limit);
  }
  for (const [name, request] of requests) {
    if (name.startsWith(HUGE_PAGES)) usage.set(name, request).set(REQUESTS + name, request);
    if (isExtended(name)) usage.set(REQUESTS + name, request);
  }
  return usage;
}

interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: JsonObject; readonly limits?: JsonObject };
}

/** What containers leave out of what a quota wants them to say; undefined where they say all of it. */
export function missingResources(required: readonly string[], pod: KubeObject): string | undefined {
  if (hasPodLevelResources(pod)) return undefined;
  const wanted = REQUIRED.filter((name) => required.includes(name)).sort();
  const missing = new Map<string, Set<string>>();
  for (const container of [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])] as Container[]) {
    const { requests, limits } = container.resources ?? {};
    const said = namesOf(computeUsage(resourceList(requests), resourceList(limits)));
    for (const name of wanted)
      if (!said.includes(name)) missing.set(name, (missing.get(name) ?? new Set()).add(container.name));
  }
  if (missing.size === 0) return undefined;
  const parts = [...missing.keys()].sort().map((name) => `${name} for: ${[...missing.get(name)!].sort().join(',')}`);
  return `must specify ${parts.join('; ')}`;
}
