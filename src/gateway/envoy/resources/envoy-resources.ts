import type { Backend, GatewayConfig, GatewayModel, Listener, Secret, SecretName } from '../../model/index.ts';
import { type PlacesOf, type PortOwners, portOwners } from '../../model/port-owners.ts';
import { type Binding, bindingsOf, listenersOf, placeOf } from './listener.ts';
import { memo } from './memo.ts';
import type {
  Cluster,
  ClusterLoadAssignment,
  Listener as EnvoyListener,
  RouteConfiguration,
  Secret as EnvoySecret,
} from './messages.ts';
import { INVALID_CLUSTER, invalidCluster } from './stream/invalid-cluster.ts';
import { envoySecret, validationSecret } from './tls/secrets.ts';
import { clusterOf } from './upstream/cluster.ts';
import { loadAssignment } from './upstream/load-assignment.ts';
import { routeConfiguration } from './http/virtual-hosts.ts';

/** What Envoy is told of a model, by names, each type for itself. */
export interface EnvoyResources {
  readonly listeners: ReadonlyMap<string, EnvoyListener>;
  readonly routes: ReadonlyMap<string, RouteConfiguration>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
  readonly secrets: ReadonlyMap<string, EnvoySecret>;
}

/** What resources depend on beside the model: the machine. */
export interface ResourceOptions {
  /** What is bound where a gateway has no address: `::` or, where there is no IPv6, `0.0.0.0`. */
  readonly anyAddress: string;
  /** The file of those whom this machine trusts. */
  readonly systemCa: string;
}

/**
 * Makes resources of models. What a model shares with one before is the same resource, so that only what changed is built,
 * compared and encoded.
 */
export class ResourceBuilder {
  readonly #options: ResourceOptions;
  readonly #clusters: (backends: GatewayModel['backends']) => ReadonlyMap<string, Cluster>;
  readonly #listeners = new WeakMap<Listener, MadeListeners>();
  #secrets = new Map<string, { parts: readonly Secret[]; made: EnvoySecret }>();

  constructor(options: ResourceOptions) {
    this.#options = options;
    const cluster = memo((backend: Backend) => clusterOf(backend, options.systemCa));
    this.#clusters = memo((backends: GatewayModel['backends']) => {
      const made = new Map([[INVALID_CLUSTER, invalidCluster]]);
      for (const [name, backend] of backends) made.set(name, cluster(backend));
      return made;
    });
  }

  /** @param owners who listens where; default: as if nobody did before */
  build(model: GatewayModel, owners: PortOwners = portOwners(model, this.places)): EnvoyResources {
    const listeners = model.gateways.flatMap((gateway) =>
      gateway.listeners.flatMap((each) => this.#listenersOf(each, gateway, owners)),
    );
    const routings = model.gateways.flatMap(({ listeners: all }) =>
      all.flatMap(({ chains }) => chains.flatMap(({ http }) => http ?? [])),
    );
    return {
      listeners: new Map(listeners.map((listener) => [listener.name ?? '', listener])),
      routes: new Map(routings.map((routing) => [routing.name, routeConfiguration(routing)])),
      clusters: this.#clusters(model.backends),
      endpoints: allAssignments(model.endpoints),
      secrets: this.#secretsOf(model),
    };
  }

  /** Where a listener of a gateway would listen. */
  readonly places: PlacesOf = (listener, gateway) => this.#bindingsOf(listener, gateway).map(placeOf);

  #bindingsOf(listener: Listener, gateway: GatewayConfig): readonly Binding[] {
    return bindingsOf(listener, gateway, this.#options.anyAddress);
  }

  #listenersOf(listener: Listener, gateway: GatewayConfig, owners: PortOwners): readonly EnvoyListener[] {
    const bindings = this.#bindingsOf(listener, gateway).filter(
      (binding) => owners.get(placeOf(binding))?.listener === listener.name,
    );
    const names = bindings.map(({ name }) => name).join(' ');
    const before = this.#listeners.get(listener);
    if (before?.names === names) return before.made;
    const made = listenersOf(listener, bindings);
    this.#listeners.set(listener, { names, made });
    return made;
  }

  #secretsOf(model: GatewayModel): ReadonlyMap<string, EnvoySecret> {
    const next = new Map<string, { parts: readonly Secret[]; made: EnvoySecret }>();
    for (const names of secretUses(model)) {
      const name = validationSecret(names);
      if (next.has(name)) continue;
      const parts = names.flatMap((each) => model.secrets.get(each) ?? []);
      const before = this.#secrets.get(name);
      const isSame =
        before?.parts.length === parts.length && before.parts.every((part, index) => part === parts[index]);
      next.set(name, isSame ? before : { parts, made: envoySecret(name, parts) });
    }
    this.#secrets = next;
    return new Map([...next].map(([name, { made }]) => [name, made]));
  }
}

/** What was made of a listener, and for which bindings. */
interface MadeListeners {
  readonly names: string;
  readonly made: readonly EnvoyListener[];
}

/** The same map as long as the model's is. */
const allAssignments = memo((endpoints: GatewayModel['endpoints']): ReadonlyMap<string, ClusterLoadAssignment> => {
  const made = new Map<string, ClusterLoadAssignment>();
  for (const [name, each] of endpoints) made.set(name, loadAssignment(each));
  return made;
});

/** The names that chains and backends refer to together, as one secret each. */
function* secretUses(model: GatewayModel): Generator<readonly SecretName[]> {
  for (const { listeners } of model.gateways) {
    for (const { tls } of listeners.flatMap(({ chains }) => chains)) {
      for (const name of tls?.certificates ?? []) yield [name];
      if (tls?.clientValidation?.ca.length) yield tls.clientValidation.ca;
    }
  }
  yield* secretsOfBackends(model.backends);
}

/** Looked for once a map: there may be many backends, of which few speak TLS. */
const secretsOfBackends = memo((backends: GatewayModel['backends']): readonly (readonly SecretName[])[] =>
  [...backends.values()].flatMap(({ tls }) => [
    ...(tls?.clientCertificate ? [[tls.clientCertificate]] : []),
    ...(tls && tls.ca !== 'System' ? [tls.ca] : []),
  ]),
);
