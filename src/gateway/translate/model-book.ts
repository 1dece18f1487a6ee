import type { Backend, Endpoints, GatewayConfig, GatewayModel, Secret } from '../model/index.ts';
import type { EndpointsOrigin, ResolvedBackend } from './backends.ts';
import { type Cluster, type Dependency, View } from './cluster.ts';
import { endpointsOf } from './endpoints.ts';
import type { Plans } from './plans.ts';
import { References } from './references.ts';
import { reuse } from './reuse.ts';
import { slicesGroup } from './slice-groups.ts';
import { setDefault } from './route-tables.ts';
import type { PolicyBook } from './policy-book.ts';
import type { RouteStore } from './route-store.ts';

interface KeptEndpoints {
  readonly origin: EndpointsOrigin;
  users: number;
}

/** Puts the model together: with gateways come the backends they name, their endpoints, and secrets. */
export class ModelBook {
  readonly #references = new References();
  readonly #resolved = new Map<string, ResolvedBackend>();
  /** Those of them that have secrets: of many backends few. */
  readonly #withSecrets = new Map<string, ResolvedBackend>();
  readonly #origins = new Map<string, KeptEndpoints>();
  /** Names of endpoints by what they were made of. */
  readonly #readers = new Map<Dependency, Set<string>>();
  #model: GatewayModel | undefined;

  /** The model after a change; what is the same is the same object. */
  update(
    cluster: Cluster,
    plans: Plans,
    routes: RouteStore,
    policies: PolicyBook,
    gateways: readonly GatewayConfig[],
    changed: ReadonlySet<Dependency>,
  ): GatewayModel {
    const before = this.#model;
    const touched = this.#references.update(gateways);
    for (const name of routes.takeChangedBackends()) touched.add(name);
    const ofPlans = plans.backends;
    for (const name of [...policies.backends.keys(), ...ofPlans.keys()]) touched.add(name);
    const stale = this.#staleEndpoints(changed);
    const backends = this.#updateBackends(
      before?.backends,
      (name) => routes.backend(name) ?? policies.backend(name) ?? ofPlans.get(name),
      touched,
      stale,
    );
    const endpoints = this.#updateEndpoints(cluster, before?.endpoints, stale);
    const sameGateways = before !== undefined && isSameList(before.gateways, gateways);
    const isSame = sameGateways && backends === before.backends;
    const areSecretsSame =
      isSame && ![...changed].some((one) => /^(?:secrets|configMaps|clusterTrustBundles)\//.test(one));
    const secrets = areSecretsSame ? before.secrets : reuse(before?.secrets, this.#secrets(plans, gateways));
    if (isSame && endpoints === before.endpoints && secrets === before.secrets) return before;
    this.#model = { gateways: sameGateways ? before.gateways : gateways, backends, endpoints, secrets };
    return this.#model;
  }

  #staleEndpoints(changed: ReadonlySet<Dependency>): Set<string> {
    const stale = new Set<string>();
    for (const dependency of changed) for (const name of this.#readers.get(dependency) ?? []) stale.add(name);
    return stale;
  }

  #updateBackends(
    before: ReadonlyMap<string, Backend> | undefined,
    find: (name: string) => ResolvedBackend | undefined,
    touched: ReadonlySet<string>,
    stale: Set<string>,
  ): ReadonlyMap<string, Backend> {
    let made: Map<string, Backend> | undefined;
    for (const name of touched) {
      const old = this.#resolved.get(name);
      const now = this.#references.has(name) ? find(name) : undefined;
      if (old === now) continue;
      if (now?.endpoints !== undefined) this.#useEndpoints(now.endpoints, stale);
      if (old?.endpoints !== undefined) this.#leaveEndpoints(old.endpoints, stale);
      if (now === undefined) this.#resolved.delete(name);
      else this.#resolved.set(name, now);
      if (now === undefined || now.secrets.length === 0) this.#withSecrets.delete(name);
      else this.#withSecrets.set(name, now);
      if (old?.backend === now?.backend) continue;
      made ??= new Map(before);
      if (now === undefined) made.delete(name);
      else made.set(name, now.backend);
    }
    return made ?? before ?? new Map();
  }

  #useEndpoints(origin: EndpointsOrigin, stale: Set<string>): void {
    const known = this.#origins.get(origin.name);
    if (known !== undefined) {
      known.users += 1;
      return;
    }
    this.#origins.set(origin.name, { origin, users: 1 });
    stale.add(origin.name);
    for (const dependency of dependenciesOf(origin))
      setDefault(this.#readers, dependency, () => new Set<string>()).add(origin.name);
  }

  #leaveEndpoints(origin: EndpointsOrigin, stale: Set<string>): void {
    const known = this.#origins.get(origin.name);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#origins.delete(origin.name);
    stale.add(origin.name);
    for (const dependency of dependenciesOf(origin)) {
      const readers = this.#readers.get(dependency);
      readers?.delete(origin.name);
      if (readers?.size === 0) this.#readers.delete(dependency);
    }
  }

  #updateEndpoints(
    cluster: Cluster,
    before: ReadonlyMap<string, Endpoints> | undefined,
    stale: ReadonlySet<string>,
  ): ReadonlyMap<string, Endpoints> {
    let made: Map<string, Endpoints> | undefined;
    const view = new View(cluster);
    for (const name of stale) {
      const origin = this.#origins.get(name)?.origin;
      const old = before?.get(name);
      const now = origin === undefined ? undefined : reuse(old, endpointsOf(view, origin));
      if (now === old) continue;
      made ??= new Map(before);
      if (now === undefined) made.delete(name);
      else made.set(name, now);
    }
    return made ?? before ?? new Map();
  }

  /** Those of listeners that are served, and those of backends. */
  #secrets(plans: Plans, gateways: readonly GatewayConfig[]): ReadonlyMap<string, Secret> {
    const found = new Map<string, Secret>();
    for (const { secrets } of this.#withSecrets.values()) for (const secret of secrets) found.set(secret.name, secret);
    for (const { key } of gateways) {
      for (const { secrets } of plans.gateway(key)?.listeners ?? [])
        for (const secret of secrets) found.set(secret.name, secret);
    }
    return found;
  }
}

const OWNER_PARTS = { Service: 'services', ServiceImport: 'serviceImports', XBackend: 'xBackends' } as const;

function dependenciesOf({ owner, namespace, service }: EndpointsOrigin): Dependency[] {
  return [`${OWNER_PARTS[owner]}/${namespace}/${service}`, slicesGroup(owner, namespace, service)];
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
