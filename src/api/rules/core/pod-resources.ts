import { forbidden, invalid, notSupported, type Path, parseQuantity, type Quantity } from 'nekube/apimachinery';
import type { Check, Loose, RuleContext } from '../rule.ts';
import { isSidecar } from './containers.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { checkResourceName, checkResourceRequirements, isHugePageResource } from './resources.ts';

/** Amounts of resources by name. */
type Amounts = Map<string, Quantity>;

/** True for the resources that a whole pod can ask for. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageResource(name);
}

/**
 * What the containers of a pod ask for together (`requests`) or may use together (`limits`): the containers and
 * sidecars at once, or the one init container with the sidecars before it that needs more.
 */
export function containerTotal(spec: Loose, which: 'requests' | 'limits'): Amounts {
  const total: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const largest: Amounts = new Map();
  for (const container of spec.containers ?? []) add(total, amountsOf(container, which));
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container, which);
    if (isSidecar(container)) {
      add(total, own);
      add(sidecars, own);
      raise(largest, sidecars);
    } else {
      add(own, sidecars);
      raise(largest, own);
    }
  }
  raise(total, largest);
  return total;
}

function amountsOf(container: Loose, which: string): Amounts {
  const list: Record<string, string> = container.resources?.[which] ?? {};
  return new Map(Object.entries(list).map(([name, amount]) => [name, parseQuantity(amount)]));
}

function add(total: Amounts, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, total.get(name)?.add(amount) ?? amount);
}

function raise(total: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const known = total.get(name);
    if (!known || amount.cmp(known) > 0) total.set(name, amount);
  }
}

const checkPodResourceName: Check = (name, path, context) => {
  const before = context.errors.length;
  checkResourceName(name, path, context);
  if (context.errors.length > before || isPodLevelResource(name)) return;
  context.errors.push(notSupported(path, name, ['cpu', 'hugepages-', 'memory']));
};

/** The resources of a whole pod: enough for the requests of its containers, and not below a container's limit. */
export function checkPodResources(claimNames: ReadonlySet<string>, options: PodCheckOptions): Check {
  const checkRequirements = checkResourceRequirements(checkPodResourceName, claimNames, options);
  return (spec, path, context) => {
    const { resources } = spec;
    if (!resources) return;
    const at = path.child('resources');
    if (spec.os?.name === 'windows') {
      context.errors.push(forbidden(at, 'may not be set for a windows pod'));
      return;
    }
    if (resources.claims) {
      context.errors.push(forbidden(at.child('claims'), 'claims may not be set for Resources at pod-level'));
    }
    checkRequirements(resources, at, context);
    checkEnoughForContainers(spec, at, context);
  };
}

function checkEnoughForContainers(spec: Loose, path: Path, { errors }: RuleContext): void {
  const { requests = {}, limits = {} } = spec.resources;
  for (const [which, list] of [
    ['requests', requests],
    ['limits', limits],
  ] as const) {
    for (const [name, sum] of sorted(containerTotal(spec, which))) {
      if (list[name] === undefined || (which === 'limits' && !isHugePageResource(name))) continue;
      if (sum.cmp(parseQuantity(list[name])) <= 0) continue;
      const detail = `must be greater than or equal to aggregate container ${which} of ${sum}`;
      errors.push(invalid(path.child(which).key(name), list[name], detail));
    }
  }
  (spec.containers ?? []).forEach((container: Loose, i: number) => {
    for (const [name, limit] of sorted(amountsOf(container, 'limits'))) {
      if (limits[name] === undefined || limit.cmp(parseQuantity(limits[name])) <= 0) continue;
      const at = path.child('containers').index(i).key(name).child('limits');
      errors.push(invalid(at, limit.toString(), `must be less than or equal to pod limits of ${limits[name]}`));
    }
  });
}

function sorted(amounts: Amounts): [string, Quantity][] {
  return [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
}
