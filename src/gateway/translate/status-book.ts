import {
  type Condition,
  condition,
  type GatewayClassStatus,
  type GatewayStatus,
  type ListenerSetStatus,
  type ListenerStatus,
  no,
  type PolicyStatus,
  type RouteStatus,
  type Statuses,
  yes,
} from '../statuses/index.ts';
import { type Cluster, type Dependency, View } from './cluster.ts';
import { compareText } from './gateway-plans.ts';
import type { ListenerPlan } from './listener-plan.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import { readOr } from './malformed.ts';
import type { Plans } from './plans.ts';
import { judgePolicy } from './backend-tls.ts';
import type { BackendTLSPolicy, GatewayClass } from './resources.ts';
import { reuse, reuseMap } from './reuse.ts';
import { ROUTE_PART_NAMES, type RouteChange, type RoutePart } from './route-store.ts';
import { type RouteTables, setDefault } from './route-tables.ts';

/** Keeps the statuses; of a change only those are made anew that it is about. */
export class StatusBook {
  #statuses: Statuses | undefined;
  /** How many routes of a gateway use a target: `NS/GROUP/KIND/NAME` → gateway → routes. */
  readonly #policyUses = new Uses();
  readonly #xBackendUses = new Uses();

  /** The statuses after a change. */
  update(
    cluster: Cluster,
    plans: Plans,
    tables: RouteTables,
    changes: readonly RouteChange[],
    changed: ReadonlySet<Dependency>,
  ): Statuses {
    const before = this.#statuses;
    for (const { before: old, now } of changes) {
      this.#policyUses.count(old?.policyUses ?? [], now?.policyUses ?? []);
      this.#xBackendUses.count(old?.xBackendUses ?? [], now?.xBackendUses ?? []);
    }
    const hasChanged = before === undefined || changed.size > 0;
    if (!hasChanged) return before;
    const next: Statuses = {
      gatewayClasses: reuseMap(before?.gatewayClasses ?? new Map(), gatewayClassStatuses(cluster)),
      gateways: reuseMap(before?.gateways ?? new Map(), gatewayStatuses(plans, tables)),
      listenerSets: reuseMap(before?.listenerSets ?? new Map(), listenerSetStatuses(plans, tables)),
      ...routeStatuses(before, changes),
      backendTlsPolicies: reuseMap(before?.backendTlsPolicies ?? new Map(), this.#policyStatuses(cluster)),
      xBackends: reuseMap(before?.xBackends ?? new Map(), this.#xBackendStatuses(cluster)),
    };
    const keys = Object.keys(next) as (keyof Statuses)[];
    if (before !== undefined && keys.every((key) => next[key] === before[key])) return before;
    this.#statuses = next;
    return next;
  }

  #policyStatuses(cluster: Cluster): Map<string, PolicyStatus> {
    const found = new Map<string, PolicyStatus>();
    for (const [key, policy] of cluster.snapshot.backendTlsPolicies) {
      const gateways = readOr(
        () => this.#gatewaysOf(policy),
        () => [],
      );
      if (gateways.length === 0) continue;
      const view = new View(cluster);
      const { accepted, resolved } = readOr(() => judgePolicy(view, policy), malformedPolicy);
      const { generation } = policy.metadata;
      const conditions = [condition('Accepted', accepted, generation), condition('ResolvedRefs', resolved, generation)];
      found.set(key, ancestorsOf(gateways, cluster.snapshot.controllerName, conditions));
    }
    return found;
  }

  #gatewaysOf({ metadata, spec }: BackendTLSPolicy): string[] {
    const targets = (spec?.targetRefs ?? []).map(
      ({ group, kind, name }) => `${metadata.namespace}/${group ?? ''}/${kind}/${name}`,
    );
    return [...new Set(targets.flatMap((target) => [...this.#policyUses.gatewaysOf(target)]))].sort(compareText);
  }

  #xBackendStatuses(cluster: Cluster): Map<string, PolicyStatus> {
    const found = new Map<string, PolicyStatus>();
    for (const [key, { metadata }] of cluster.snapshot.xBackends) {
      const gateways = [...this.#xBackendUses.gatewaysOf(key)].sort(compareText);
      if (gateways.length === 0) continue;
      const accepted = condition('Accepted', yes('Accepted', 'the backend is used'), metadata.generation);
      found.set(key, ancestorsOf(gateways, cluster.snapshot.controllerName, [accepted]));
    }
    return found;
  }
}

function malformedPolicy(message: string): ReturnType<typeof judgePolicy> {
  const verdict = no('Invalid', `the policy is not as its definition says: ${message}`);
  return { accepted: verdict, resolved: verdict };
}

/** An API allows this many; what is beyond is not told. */
const MAX_ANCESTORS = 16;

function ancestorsOf(
  gateways: readonly string[],
  controllerName: string,
  conditions: readonly Condition[],
): PolicyStatus {
  return {
    ancestors: gateways.slice(0, MAX_ANCESTORS).map((gateway) => {
      const [namespace = '', name = ''] = gateway.split('/');
      return { ancestorRef: { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name }, controllerName, conditions };
    }),
  };
}

/** How many routes use something by a gateway, as `GATEWAY|WHAT`. */
class Uses {
  readonly #counts = new Map<string, Map<string, number>>();

  count(before: readonly string[], now: readonly string[]): void {
    for (const use of now) this.#add(use, 1);
    for (const use of before) this.#add(use, -1);
  }

  gatewaysOf(what: string): Iterable<string> {
    return this.#counts.get(what)?.keys() ?? [];
  }

  #add(use: string, by: number): void {
    const bar = use.indexOf('|');
    const [gateway, what] = [use.slice(0, bar), use.slice(bar + 1)];
    const counts = setDefault(this.#counts, what, () => new Map<string, number>());
    const count = (counts.get(gateway) ?? 0) + by;
    if (count === 0) counts.delete(gateway);
    else counts.set(gateway, count);
    if (counts.size === 0) this.#counts.delete(what);
  }
}

function gatewayClassStatuses({ snapshot }: Cluster): Map<string, GatewayClassStatus> {
  const features = [...snapshot.supportedFeatures].sort(compareText).map((name) => ({ name }));
  const found = new Map<string, GatewayClassStatus>();
  for (const [key, { spec, metadata }] of snapshot.gatewayClasses as ReadonlyMap<string, GatewayClass>) {
    if (spec?.controllerName !== snapshot.controllerName) continue;
    const ref = spec.parametersRef;
    const accepted =
      ref === undefined
        ? yes('Accepted', 'the class is served')
        : no(
            'InvalidParameters',
            `parametersRef names ${ref.kind} ${ref.name}: no parameters are known here, leave it out`,
          );
    found.set(key, { conditions: [condition('Accepted', accepted, metadata.generation)], supportedFeatures: features });
  }
  return found;
}

function gatewayStatuses(plans: Plans, tables: RouteTables): Map<string, GatewayStatus> {
  const found = new Map<string, GatewayStatus>();
  for (const plan of plans.gateways) {
    const own = plan.listeners.filter(({ owner }) => owner.kind === 'Gateway');
    const attached = plan.listenerSets.filter(({ accepted }) => accepted).length;
    found.set(plan.key, {
      conditions: plan.conditions,
      listeners: own.map((listener) => listenerStatus(listener, tables)),
      attachedListenerSets: attached,
    });
  }
  return found;
}

function listenerSetStatuses(plans: Plans, tables: RouteTables): Map<string, ListenerSetStatus> {
  const found = new Map<string, ListenerSetStatus>();
  for (const plan of plans.gateways) {
    const byId = new Map(plan.listeners.map((listener) => [listener.id, listener]));
    for (const { key, gateway, conditions, listeners } of plan.listenerSets) {
      const own = listeners.flatMap((id) => byId.get(id) ?? []);
      found.set(key, { gateway, conditions, listeners: own.map((listener) => listenerStatus(listener, tables)) });
    }
  }
  return found;
}

function listenerStatus({ id, name, kinds, conditions }: ListenerPlan, tables: RouteTables): ListenerStatus {
  return {
    name,
    supportedKinds: kinds.map((kind) => ({ group: GATEWAY_GROUP, kind })),
    attachedRoutes: tables.attachedTo(id),
    conditions,
  };
}

/** Routes that have no parent of ours have no status of ours; one that had is told so by an empty list. */
function routeStatuses(before: Statuses | undefined, changes: readonly RouteChange[]): Pick<Statuses, RoutePart> {
  const made = {} as Record<RoutePart, ReadonlyMap<string, RouteStatus>>;
  for (const part of ROUTE_PART_NAMES) {
    const own = changes.filter((change) => change.part === part);
    const old = before?.[part] ?? new Map<string, RouteStatus>();
    made[part] = own.length === 0 ? old : changeStatuses(old, own);
  }
  return made;
}

function changeStatuses(
  old: ReadonlyMap<string, RouteStatus>,
  changes: readonly RouteChange[],
): ReadonlyMap<string, RouteStatus> {
  let next: Map<string, RouteStatus> | undefined;
  for (const { key, now } of changes) {
    const isOurs = now !== undefined && now.parents.length > 0;
    const before = old.get(key);
    const status = isOurs ? reuse(before, { parents: now.parents }) : undefined;
    if (status === before) continue;
    next ??= new Map(old);
    if (status === undefined) next.delete(key);
    else next.set(key, status);
  }
  return next ?? old;
}
