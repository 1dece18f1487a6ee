import { parseQuantity, type Quantity } from 'nekube/apimachinery';
import type { Pod, Resources } from '../pod/pod.ts';

const RESOURCES = ['cpu', 'memory'] as const;

/** The quality of service that a pod gets: by whether its requests are its limits, and whether it has any. */
export function qosClassOf({ spec, status }: Pod): string {
  if (status?.qosClass) return status.qosClass;
  const all: readonly Resources[] = spec.resources
    ? [spec.resources]
    : [...(spec.initContainers ?? []), ...spec.containers].map(({ resources = {} }) => resources);
  const isGuaranteed = all.every((one) => RESOURCES.every((name) => isExact(one, name)));
  if (isGuaranteed) return 'Guaranteed';
  const hasAny = all.some((one) => RESOURCES.some((name) => has(one.requests?.[name]) || has(one.limits?.[name])));
  return hasAny ? 'Burstable' : 'BestEffort';
}

function isExact({ requests, limits }: Resources, name: string): boolean {
  const limit = limits?.[name];
  const request = requests?.[name] ?? limit;
  return has(limit) && quantity(request!).cmp(quantity(limit!)) === 0;
}

function has(text: string | undefined): boolean {
  return text !== undefined && quantity(text).unscaled > 0n;
}

function quantity(text: string): Quantity {
  return parseQuantity(text);
}
