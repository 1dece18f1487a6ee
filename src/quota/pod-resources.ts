import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { addTo, raiseTo, type ResourceList, resourceList } from './resource-list.ts';

/** Requests or limits: one side of what containers ask for. */
export type Side = 'requests' | 'limits';

/** How the resources of a pod are counted. */
export interface PodResourcesOptions {
  /** Which resources the pod itself can say, over what its containers say. */
  readonly podLevel: (name: string) => boolean;
  /** What the node has given to a container counts where it is more (resize in place). */
  readonly useStatus: boolean;
  /** Running the pod costs something, too. */
  readonly overhead: boolean;
}

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly requests?: JsonObject; readonly limits?: JsonObject };
}

/**
 * What a pod asks for, all containers together: the most that its containers need at one time, where init containers run
 * one after the other and those that restart (sidecars) stay.
 */
export function podResources(pod: KubeObject, side: Side, options: PodResourcesOptions): ResourceList {
  const { spec } = pod;
  const total: ResourceList = new Map();
  for (const container of spec.containers ?? []) addTo(total, containerAmounts(pod, container, side, options));
  const sidecars: ResourceList = new Map();
  const most: ResourceList = new Map();
  for (const container of (spec.initContainers ?? []) as Container[]) {
    const restarts = container.restartPolicy === 'Always';
    const amounts = containerAmounts(pod, container, side, { ...options, useStatus: options.useStatus && restarts });
    if (restarts) {
      addTo(total, amounts);
      addTo(sidecars, amounts);
      raiseTo(most, sidecars);
    } else {
      const running = new Map(amounts);
      addTo(running, sidecars);
      raiseTo(most, running);
    }
  }
  raiseTo(total, most);
  for (const [name, amount] of resourceList(spec.resources?.[side]))
    if (options.podLevel(name)) total.set(name, amount);
  if (options.overhead) addOverhead(total, side, resourceList(spec.overhead));
  return total;
}

/** Limits grow by the overhead only where there are any. */
function addOverhead(total: ResourceList, side: Side, overhead: ResourceList): void {
  for (const [name, amount] of overhead) {
    const before = total.get(name);
    if (side === 'requests' || (before !== undefined && before.sign() !== 0))
      total.set(name, before === undefined ? amount : before.add(amount));
  }
}

function containerAmounts(
  pod: KubeObject,
  container: Container,
  side: Side,
  options: PodResourcesOptions,
): ResourceList {
  const wanted = resourceList(container.resources?.[side]);
  if (!options.useStatus) return wanted;
  const status = statusOf(pod, container.name);
  if (status?.resources === undefined) return wanted;
  const amounts = resourceList(status.resources[side]);
  if (side === 'requests') raiseTo(amounts, resourceList(status.allocatedResources));
  if (!isResizeInfeasible(pod)) raiseTo(amounts, wanted);
  return amounts;
}

interface ContainerStatus {
  readonly name: string;
  readonly allocatedResources?: JsonObject;
  readonly resources?: { readonly requests?: JsonObject; readonly limits?: JsonObject };
}

function statusOf({ status }: KubeObject, name: string): ContainerStatus | undefined {
  const all: ContainerStatus[] = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.findLast((one) => one.name === name);
}

function isResizeInfeasible({ status }: KubeObject): boolean {
  const pending = (status?.conditions ?? []).find((one: { type: string }) => one.type === 'PodResizePending');
  return pending?.reason === 'Infeasible';
}

/** Whether the pod itself asks for CPU, memory or huge pages. */
export function hasPodLevelResources({ spec }: KubeObject): boolean {
  const { requests = {}, limits = {} } = spec.resources ?? {};
  return [...Object.keys(requests), ...Object.keys(limits)].some(isPodLevelResource);
}

/** What a pod can ask for as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** Whether nothing in the pod asks for CPU or memory: the quality of service BestEffort. */
export function isBestEffort(pod: KubeObject): boolean {
  if (pod.status?.qosClass) return pod.status.qosClass === 'BestEffort';
  const { spec } = pod;
  const all: Container['resources'][] = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container: Container) => container.resources);
  return !all.some((resources) => asksForCompute(resources?.requests) || asksForCompute(resources?.limits));
}

function asksForCompute(list: JsonObject | undefined): boolean {
  return [...resourceList(list)].some(([name, amount]) => (name === 'cpu' || name === 'memory') && amount.sign() > 0);
}
