import { parseQuantity } from 'nekube/apimachinery';
import type { Container, ContainerStatus, Pod, ResourceList } from '../objects/pod.ts';

/** Amounts of resources: CPU in thousandths, all else in its units. */
export type Amounts = Map<string, number>;

/** How the requests of a pod are summed up. */
export interface RequestOptions {
  /** What a kubelet has given a container counts where it is more than what is asked for. */
  readonly withStatus?: boolean;
  /** What containers count for that ask for nothing. */
  readonly atLeast?: Amounts;
  /** Requests of the pod as a whole are not looked at. */
  readonly containersOnly?: boolean;
}

/** What a container that asks for nothing counts for when nodes are compared: a tenth of a CPU and 200 MiB. */
export const DEFAULT_REQUESTS: Amounts = new Map([
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
]);

const MOST_KNOWN = 10_000;
const known = new Map<string, number>();

/** The amount that a text stands for; of CPU in thousandths. */
export function amountOf(name: string, text: string | number | bigint): number {
  const key = name === 'cpu' ? `cpu ${text}` : `${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const quantity = parseQuantity(`${text}`);
  const amount = Number(name === 'cpu' ? quantity.milliValue() : quantity.value());
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, amount);
  return amount;
}

/** The amounts of a list. */
export function amountsOf(list: ResourceList = {}): Amounts {
  return new Map(Object.entries(list).map(([name, text]) => [name, amountOf(name, text)]));
}

/** Whether nodes are asked whether they have it: not `pods`, nor names that are not of a domain. */
export function isScheduled(name: string): boolean {
  if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') return true;
  return name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');
}

/** What a pod asks of a node: its containers at the same time, or an init container if that needs more; and the overhead. */
export function requestsOf(pod: Pod, options: RequestOptions = {}): Amounts {
  const { spec } = pod;
  const requests = containerRequests(pod, options);
  if (!options.containersOnly && hasOwnRequests(pod)) {
    const own = amountsOf(spec.resources?.requests);
    const effective = options.withStatus ? effectiveRequests(pod, pod.status, new Map(own)) : own;
    for (const name of own.keys()) if (isPodLevel(name)) requests.set(name, effective.get(name) ?? 0);
  }
  add(requests, amountsOf(spec.overhead));
  return requests;
}

/** What a pod counts for when nodes are compared: as {@link requestsOf}, with defaults for what is not asked for. */
export function nonZeroRequestsOf(pod: Pod, requests: Amounts): Amounts {
  const missing = hasOwnRequests(pod)
    ? new Map([...DEFAULT_REQUESTS].filter(([name]) => !requests.has(name)))
    : DEFAULT_REQUESTS;
  return missing.size === 0 ? requests : requestsOf(pod, { withStatus: true, atLeast: missing });
}

/** Whether the pod as a whole asks for something. */
function hasOwnRequests({ spec }: Pod): boolean {
  return Object.keys(spec.resources?.requests ?? {}).some(isPodLevel);
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function containerRequests(pod: Pod, options: RequestOptions): Amounts {
  const { containers, initContainers = [] } = pod.spec;
  const total: Amounts = new Map();
  for (const container of containers) add(total, requestsOfContainer(pod, container, options));
  const sidecars: Amounts = new Map();
  const highest: Amounts = new Map();
  for (const container of initContainers) {
    const isSidecar = container.restartPolicy === 'Always';
    // an init container that ends cannot be resized
    const withStatus = isSidecar && options.withStatus === true;
    const requests = requestsOfContainer(pod, container, { ...options, withStatus });
    if (isSidecar) {
      add(total, requests);
      add(sidecars, requests);
      raise(highest, sidecars);
    } else {
      raise(highest, add(new Map(requests), sidecars));
    }
  }
  return raise(total, highest);
}

function requestsOfContainer(pod: Pod, container: Container, { withStatus, atLeast }: RequestOptions): Amounts {
  let requests = amountsOf(container.resources?.requests);
  if (withStatus) requests = effectiveRequests(pod, statusOf(pod, container.name), requests);
  if (atLeast !== undefined) {
    for (const [name, amount] of atLeast) if (!requests.has(name)) requests.set(name, amount);
  }
  return requests;
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  const isOf = (one: ContainerStatus): boolean => one.name === name;
  return status?.containerStatuses?.find(isOf) ?? status?.initContainerStatuses?.find(isOf);
}

/** While a container or a pod is resized, the most of what is asked for, what was promised and what is in force. */
function effectiveRequests(
  { status }: Pod,
  found: Pick<ContainerStatus, 'resources' | 'allocatedResources'> | undefined,
  asked: Amounts,
): Amounts {
  if (found?.resources === undefined) return asked;
  const pending = status?.conditions?.find(({ type }) => type === 'PodResizePending');
  const effective = pending?.reason === 'Infeasible' ? new Map<string, number>() : asked;
  return raise(raise(effective, amountsOf(found.resources.requests)), amountsOf(found.allocatedResources));
}

/** Adds to the first; returns it. */
export function add(to: Amounts, amounts: Amounts, sign = 1): Amounts {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + sign * amount);
  return to;
}

/** Raises the first to the second where that is more; returns it. */
function raise(to: Amounts, amounts: Amounts): Amounts {
  for (const [name, amount] of amounts) if (amount > (to.get(name) ?? -1)) to.set(name, amount);
  return to;
}
