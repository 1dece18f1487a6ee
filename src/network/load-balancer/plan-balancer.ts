import type { Service } from '../routing/service.ts';
import { contains, formatAddress, parseAddress, parseRange, sizeOf } from '../pods/ranges.ts';

/** By this finalizer a service stays until its load balancer is gone. */
export const CLEANUP_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

/** What is to be done about a service's load balancer. */
export type BalancerPlan =
  | { readonly do: 'nothing' }
  /** It has one and is not to. */
  | { readonly do: 'remove' }
  | { readonly do: 'ensure'; readonly ip: string }
  /** All addresses are others'. */
  | { readonly do: 'refuse'; readonly why: string };

/** Whether a service asks for a load balancer of those that there are without a name for them. */
export function wantsBalancer({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

/** What is to be done, as the service controller of a cloud decides it; `taken` are the addresses of other services. */
export function planBalancer(service: Service, range: string, taken: ReadonlySet<string>): BalancerPlan {
  const { metadata, spec } = service;
  const has = metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false;
  const current = service.status?.loadBalancer?.ingress ?? [];
  if (!wantsBalancer(service)) return has ? { do: 'remove' } : { do: 'nothing' };
  if (metadata.deletionTimestamp) return has ? { do: 'remove' } : { do: 'nothing' };
  const asked = spec.loadBalancerIP || undefined;
  const [{ ip: given = undefined } = {}] = current;
  const kept = given !== undefined && isOf(range, given) && !taken.has(given) ? given : undefined;
  if (asked !== undefined && !isOf(range, asked)) return { do: 'refuse', why: `${asked} is not of ${range}` };
  if (asked !== undefined && taken.has(asked)) return { do: 'refuse', why: `${asked} is another service's` };
  const ip = asked ?? kept ?? firstFree(range, taken);
  if (ip === undefined) return { do: 'refuse', why: `all addresses of ${range} are taken` };
  const isDone = has && current.length === 1 && given === ip;
  return isDone ? { do: 'nothing' } : { do: 'ensure', ip };
}

function isOf(range: string, ip: string): boolean {
  const address = parseAddress(ip);
  return address !== undefined && contains(parseRange(range), address);
}

/** A range of one address is shared by all: their ports are others. */
function firstFree(text: string, taken: ReadonlySet<string>): string | undefined {
  const range = parseRange(text);
  if (sizeOf(range) === 1) return formatAddress(range.first);
  for (let address = range.first + 1; address < range.first + sizeOf(range) - 1; address++) {
    const ip = formatAddress(address);
    if (!taken.has(ip)) return ip;
  }
  return undefined;
}
