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
import { type Level, type PolicyKind, policyOutcomes } from '../policies/index.ts';
import { type Cluster, type Dependency, telemetryTargets, View } from './cluster.ts';
import { compareText } from './gateway-plans.ts';
import type { ListenerPlan } from './listener-plan.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import { readOr } from './malformed.ts';
import { LayeredMap } from '../model/layered-map.ts';
import { backendsOfPlan, type Plans } from './plans.ts';
import type { PolicyBook } from './policy-book.ts';
import { judgeTelemetry } from './telemetry.ts';
import { judgeTrafficPolicy } from './traffic-policies.ts';
import { judgePolicy } from './backend-tls.ts';
import type { BackendTLSPolicy, GatewayClass } from './resources.ts';
import { reuse, reuseMap } from './reuse.ts';
import { ROUTE_PART_NAMES, ROUTE_PARTS, type RouteChange, type RoutePart } from './route-store.ts';
import type { TranslatedRoute } from './routes.ts';
import type { SnapshotKind } from './snapshot.ts';
import { type RouteTables, setDefault } from './route-tables.ts';

/** What statuses are made of. */
export interface Around {
  readonly cluster: Cluster;
  readonly plans: Plans;
  readonly policies: PolicyBook;
  readonly tables: RouteTables;
}

/** What policies may be about. */
const TARGET_PARTS: Readonly<Record<string, SnapshotKind>> = {
  Gateway: 'gateways',
  ListenerSet: 'listenerSets',
  HTTPRoute: 'httpRoutes',
  GRPCRoute: 'grpcRoutes',
  TLSRoute: 'tlsRoutes',
  TCPRoute: 'tcpRoutes',
  UDPRoute: 'udpRoutes',
  Service: 'services',
  ServiceImport: 'serviceImports',
  XBackend: 'xBackends',
};

/** Keeps the statuses; of a change only those are made anew that it is about. */
export class StatusBook {
  #statuses: Statuses | undefined;
  /** How many routes of a gateway use a target: `NS/GROUP/KIND/NAME` → gateway → routes. */
  readonly #policyUses = new Uses();
  readonly #backendUses = new Uses();
  readonly #routeUses = new Uses();
  #planUses: { readonly policies: readonly string[]; readonly backends: readonly string[] } = {
    policies: [],
    backends: [],
  };

  /** The statuses after a change. */
  update(around: Around, changes: readonly RouteChange[], changed: ReadonlySet<Dependency>): Statuses {
    const { cluster, plans, tables } = around;
    const before = this.#statuses;
    for (const change of changes) this.#count(change);
    this.#countPlans(plans);
    if (before !== undefined && changed.size === 0) return before;
    const kept = <K extends keyof Statuses>(kind: K, next: Statuses[K]): Statuses[K] =>
      reuseMap<string, unknown>(before?.[kind] ?? new Map(), next as ReadonlyMap<string, unknown>) as Statuses[K];
    const policies = this.#attachedPolicies(around);
    const next: Statuses = {
      gatewayClasses: kept('gatewayClasses', gatewayClassStatuses(cluster)),
      gateways: kept('gateways', gatewayStatuses(plans, tables)),
      listenerSets: kept('listenerSets', listenerSetStatuses(plans, tables)),
      ...routeStatuses(before, changes),
      backendTlsPolicies: kept('backendTlsPolicies', this.#policyStatuses(cluster)),
      clientPolicies: kept('clientPolicies', policies.ClientPolicy),
      backendPolicies: kept('backendPolicies', policies.BackendPolicy),
      securityPolicies: kept('securityPolicies', policies.SecurityPolicy),
      xBackends: kept('xBackends', this.#xBackendStatuses(cluster)),
      xBackendTrafficPolicies: kept('xBackendTrafficPolicies', this.#trafficPolicyStatuses(cluster)),
      xTelemetryPolicies: kept('xTelemetryPolicies', telemetryStatuses(cluster, plans)),
    };
    const keys = Object.keys(next) as (keyof Statuses)[];
    if (before !== undefined && keys.every((key) => next[key] === before[key])) return before;
    this.#statuses = next;
    return next;
  }

  #count({ part, key, before, now }: RouteChange): void {
    this.#policyUses.count(before?.policyUses ?? [], now?.policyUses ?? []);
    this.#backendUses.count(before?.backendUses ?? [], now?.backendUses ?? []);
    const id = `${ROUTE_PARTS[part]}/${key}`;
    this.#routeUses.count(gatewayUses(before, id), gatewayUses(now, id));
  }

  /** What listeners ask before routes are chosen. */
  #countPlans(plans: Plans): void {
    const now = { policies: [] as string[], backends: [] as string[] };
    for (const plan of plans.gateways) {
      const { key } = plan;
      for (const { backend, policyTarget: target } of backendsOfPlan(plan)) {
        const { kind, namespace, name } = backend.source;
        now.backends.push(`${key}|${kind}/${namespace}/${name}`);
        if (target !== undefined)
          now.policies.push(`${key}|${target.namespace}/${target.group}/${target.kind}/${target.name}`);
      }
    }
    this.#policyUses.count(this.#planUses.policies, now.policies);
    this.#backendUses.count(this.#planUses.backends, now.backends);
    this.#planUses = now;
  }

  /** Which of our gateways a target of a policy leads to; undefined: there is no such object. */
  #gatewaysOfTarget({ cluster, plans }: Around, { kind, namespace, name }: Level): readonly string[] | undefined {
    const key = `${namespace}/${name}`;
    const part = TARGET_PARTS[kind];
    if (part === undefined || !cluster.snapshot[part].has(key)) return undefined;
    if (kind === 'Gateway') return plans.gateway(key) === undefined ? [] : [key];
    if (kind === 'ListenerSet') {
      return [...plans.gateways]
        .filter((plan) => plan.listenerSets.some((set) => set.key === key))
        .map((plan) => plan.key);
    }
    const uses = part === 'services' || part === 'xBackends' ? this.#backendUses : this.#routeUses;
    return [...uses.gatewaysOf(`${kind}/${key}`)].sort(compareText);
  }

  #attachedPolicies(around: Around): Record<PolicyKind, Map<string, PolicyStatus>> {
    const { controllerName } = around.cluster.snapshot;
    const made = { ClientPolicy: new Map(), BackendPolicy: new Map(), SecurityPolicy: new Map() } as Record<
      PolicyKind,
      Map<string, PolicyStatus>
    >;
    const all = around.policies.all();
    if (all.length === 0) return made;
    const generations = new Map(
      all.map(({ origin, object }) => [
        `${origin.kind}/${origin.namespace}/${origin.name}`,
        object.metadata.generation,
      ]),
    );
    const gatewaysOf = (target: Level) =>
      this.#gatewaysOfTarget(around, target)?.map((gateway) => {
        const [namespace = '', name = ''] = gateway.split('/');
        return { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name };
      });
    for (const { policy, ancestor, condition: told } of policyOutcomes(all, gatewaysOf)) {
      const generation = generations.get(`${policy.kind}/${policy.namespace}/${policy.name}`) as number | undefined;
      const key = `${policy.namespace}/${policy.name}`;
      const ancestors = made[policy.kind].get(key)?.ancestors ?? [];
      if (ancestors.length === MAX_ANCESTORS) continue;
      const entry = { ancestorRef: ancestor, controllerName, conditions: [condition('Accepted', told, generation)] };
      made[policy.kind].set(key, { ancestors: [...ancestors, entry] });
    }
    return made;
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

  #trafficPolicyStatuses(cluster: Cluster): Map<string, PolicyStatus> {
    const found = new Map<string, PolicyStatus>();
    for (const [key, policy] of cluster.snapshot.xBackendTrafficPolicies) {
      const { namespace, generation } = policy.metadata;
      const targets = readOr(
        () => (policy.spec?.targetRefs ?? []).map(({ kind = 'Service', name }) => `${kind}/${namespace}/${name}`),
        () => [],
      );
      const gateways = [...new Set(targets.flatMap((target) => [...this.#backendUses.gatewaysOf(target)]))].sort(
        compareText,
      );
      if (gateways.length === 0) continue;
      const accepted = readOr(
        () => judgeTrafficPolicy(new View(cluster), policy),
        (message) => no('Invalid', `the policy is not as its definition says: ${message}`),
      );
      found.set(
        key,
        ancestorsOf(gateways, cluster.snapshot.controllerName, [condition('Accepted', accepted, generation)]),
      );
    }
    return found;
  }

  #xBackendStatuses(cluster: Cluster): Map<string, PolicyStatus> {
    const found = new Map<string, PolicyStatus>();
    for (const [key, { metadata }] of cluster.snapshot.xBackends) {
      const gateways = [...this.#backendUses.gatewaysOf(`XBackend/${key}`)].sort(compareText);
      if (gateways.length === 0) continue;
      const accepted = condition('Accepted', yes('Accepted', 'the backend is used'), metadata.generation);
      found.set(key, ancestorsOf(gateways, cluster.snapshot.controllerName, [accepted]));
    }
    return found;
  }
}

function telemetryStatuses(cluster: Cluster, plans: Plans): Map<string, PolicyStatus> {
  const { xTelemetryPolicies, controllerName } = cluster.snapshot;
  const found = new Map<string, PolicyStatus>();
  for (const [key, policy] of xTelemetryPolicies) {
    const targets = readOr(
      () => telemetryTargets(policy),
      () => [],
    );
    const ancestors = targets.flatMap((gateway) => {
      if (plans.gateway(gateway) === undefined) return [];
      const { accepted, resolved } = readOr(() => judgeTelemetry(new View(cluster), policy, gateway), malformedPolicy);
      const { generation } = policy.metadata;
      const conditions = [condition('Accepted', accepted, generation), condition('ResolvedRefs', resolved, generation)];
      return ancestorsOf([gateway], controllerName, conditions).ancestors;
    });
    if (ancestors.length > 0) found.set(key, { ancestors });
  }
  return found;
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

/** Which gateways a route is on. */
function gatewayUses(route: TranslatedRoute | undefined, id: string): string[] {
  const uses: string[] = [];
  for (const { gateway } of route?.placements ?? []) {
    const use = `${gateway}|${id}`;
    if (!uses.includes(use)) uses.push(use);
  }
  return uses;
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
  const made = new Map<string, RouteStatus | undefined>();
  for (const { key, now } of changes) {
    const isOurs = now !== undefined && now.parents.length > 0;
    const before = old.get(key);
    const status = isOurs ? reuse(before, { parents: now.parents }) : undefined;
    if (status !== before) made.set(key, status);
  }
  return made.size === 0 ? old : LayeredMap.changed(old, made);
}
