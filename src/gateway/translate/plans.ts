import { type Cluster, type Dependency, View } from './cluster.ts';
import type { ParentPlan } from './attachment.ts';
import type { ResolvedBackend } from './backends.ts';
import { planGateway, unreadableGateway } from './gateway-plans.ts';
import type { AttachableListener, GatewayPlan, ListenerPlan } from './listener-plan.ts';
import { readOr } from './malformed.ts';
import type { Gateway, GatewayClass } from './resources.ts';
import { reuse, reuseMap } from './reuse.ts';

interface Kept {
  readonly gateway: Gateway;
  readonly plan: GatewayPlan;
  readonly dependencies: ReadonlySet<Dependency>;
}

/** The plans of all gateways of ours, and the parents that routes can name; what did not change is the same object. */
export class Plans {
  readonly #kept = new Map<string, Kept>();
  readonly #parents = new Map<string, ParentPlan>();
  #backends: ReadonlyMap<string, ResolvedBackend> = new Map();

  /** Makes anew what looked at something of `changed`; adds `parents/KEY` to it for every parent that is not as before. */
  update(cluster: Cluster, changed: Set<Dependency>): void {
    const { gateways } = cluster.snapshot;
    for (const key of this.#kept.keys()) if (!gateways.has(key)) this.#kept.delete(key);
    for (const [key, gateway] of gateways) {
      const kept = this.#kept.get(key);
      if (kept !== undefined && !touches(kept.dependencies, changed)) continue;
      const view = new View(cluster);
      if (!isOurs(view, gateway)) {
        this.#kept.delete(key);
        continue;
      }
      const plan = reuse(
        kept?.plan,
        readOr(
          () => planGateway(view, gateway),
          (message) => unreadableGateway(gateway, message),
        ),
      );
      view.dependencies.add(`gateways/${key}`).add('controllerName');
      this.#kept.set(key, { gateway, plan, dependencies: view.dependencies });
    }
    this.#updateParents(changed);
  }

  /** Sorted by nothing. */
  get gateways(): Iterable<GatewayPlan> {
    return [...this.#kept.values()].map(({ plan }) => plan);
  }

  /** The plan of a gateway. */
  gateway(key: string): GatewayPlan | undefined {
    return this.#kept.get(key)?.plan;
  }

  /** A parent by its key. */
  parent(key: string): ParentPlan | undefined {
    return this.#parents.get(key);
  }

  /** Backends that listeners ask before routes are chosen, by name; the same map until one of them changes. */
  get backends(): ReadonlyMap<string, ResolvedBackend> {
    const now = new Map<string, ResolvedBackend>();
    for (const { plan } of this.#kept.values()) {
      for (const one of backendsOfPlan(plan)) now.set(one.backend.name, one);
    }
    this.#backends = reuseMap(this.#backends, now);
    return this.#backends;
  }

  #updateParents(changed: Set<Dependency>): void {
    const now = new Map<string, ParentPlan>();
    for (const { plan } of this.#kept.values()) for (const parent of parentsOf(plan)) now.set(parent.key, parent);
    for (const key of this.#parents.keys()) {
      if (now.has(key)) continue;
      this.#parents.delete(key);
      changed.add(`parents/${key}`);
    }
    for (const [key, parent] of now) {
      const before = this.#parents.get(key);
      const kept = reuse(before, parent);
      if (kept === before) continue;
      this.#parents.set(key, kept);
      changed.add(`parents/${key}`);
    }
  }
}

/** What a Gateway's listeners need, whatever routes there are. */
export function backendsOfPlan({ listeners, backends = [] }: GatewayPlan): readonly ResolvedBackend[] {
  return [...backends, ...listeners.flatMap(({ filters }) => filters?.backends ?? [])];
}

/** Whether something was looked at that changed. */
export function touches(dependencies: ReadonlySet<Dependency>, changed: ReadonlySet<Dependency>): boolean {
  const [few, many] = dependencies.size < changed.size ? [dependencies, changed] : [changed, dependencies];
  for (const one of few) if (many.has(one)) return true;
  return false;
}

/** Whether the class of a gateway names this controller. */
function isOurs(view: View, { spec }: Gateway): boolean {
  const gatewayClass = view.gatewayClass(spec?.gatewayClassName ?? '') as GatewayClass | undefined;
  return gatewayClass?.spec?.controllerName === view.controllerName;
}

function attachable({
  id,
  owner,
  name,
  port,
  protocol,
  hostname,
  mode,
  kinds,
  allowed,
}: ListenerPlan): AttachableListener {
  return {
    id,
    owner,
    name,
    port,
    protocol,
    ...(hostname === undefined ? {} : { hostname }),
    ...(mode === undefined ? {} : { mode }),
    kinds,
    allowed,
  };
}

function parentsOf(plan: GatewayPlan): ParentPlan[] {
  const client = plan.clientCertificate === undefined ? {} : { clientCertificate: plan.clientCertificate };
  const all = plan.listeners.map(attachable);
  const own = all.filter(({ owner }) => owner.kind === 'Gateway');
  const sets = plan.listenerSets.map((set): ParentPlan => {
    const listeners = all.filter(({ id }) => set.listeners.includes(id));
    const refusal =
      set.listeners.length > 0
        ? {}
        : { refusal: `ListenerSet ${set.key} is not attached to Gateway ${plan.key}: see its status` };
    return { key: `ListenerSet/${set.key}`, gateway: plan.key, listeners, ...refusal, ...client };
  });
  return [{ key: `Gateway/${plan.key}`, gateway: plan.key, listeners: own, ...client }, ...sets];
}
