import { Resource, ResourceError, type ResourceKey, type ResourceMessage, Snapshot, typeUrl } from 'nekube/xds';
import type { EnvoyResources } from '../resources/envoy-resources.ts';
import type { ClusterLoadAssignment } from '../resources/messages.ts';

/** The types of resources that are sent, by the names that they have here. */
const TYPES: Readonly<Record<keyof EnvoyResources, ResourceMessage>> = {
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  clusters: 'envoy.config.cluster.v3.Cluster',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
  secrets: 'envoy.extensions.transport_sockets.tls.v3.Secret',
};

const NOTHING: EnvoyResources = {
  listeners: new Map(),
  routes: new Map(),
  clusters: new Map(),
  endpoints: new Map(),
  secrets: new Map(),
};

type Messages = ReadonlyMap<string, object>;

/** Messages as a snapshot, which follows them: what is the same object as before costs nothing. */
export class ResourceSet {
  #messages: EnvoyResources = NOTHING;
  /** Endpoints that changed since, by name. */
  #newer = new Map<string, object>();
  #snapshot = Snapshot.empty;
  readonly #failed = new Map<string, ResourceKey & { readonly error: string }>();

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Resources that are not as their messages say: these cannot be encoded. The last that could be are served. */
  get failures(): ReadonlyMap<string, ResourceKey & { readonly error: string }> {
    return this.#failed;
  }

  /** All that there is to be. */
  replace(messages: EnvoyResources): Snapshot {
    const put: Resource[] = [];
    const remove: ResourceKey[] = [];
    for (const type of Object.keys(TYPES) as (keyof EnvoyResources)[]) {
      const [before, after]: [Messages, Messages] = [this.#messages[type], messages[type]];
      const newer: Messages = type === 'endpoints' ? this.#newer : NONE;
      if (before === after && newer.size === 0) continue;
      for (const [name, message] of after) {
        if ((newer.get(name) ?? before.get(name)) !== message) put.push(...this.#encode(TYPES[type], name, message));
      }
      for (const name of before.keys()) {
        if (after.has(name)) continue;
        remove.push({ type: typeUrl(TYPES[type]), name });
        this.#failed.delete(`${typeUrl(TYPES[type])} ${name}`);
      }
    }
    this.#messages = messages;
    this.#newer.clear();
    this.#snapshot = this.#snapshot.with({ put, remove });
    return this.#snapshot;
  }

  /** Other endpoints of names that are known. */
  replaceEndpoints(changed: readonly ClusterLoadAssignment[]): Snapshot {
    const known = changed.filter(({ cluster_name: name }) => this.#messages.endpoints.has(name ?? ''));
    const put = known.flatMap((message) => this.#encode(TYPES.endpoints, message.cluster_name ?? '', message));
    for (const message of known) this.#newer.set(message.cluster_name ?? '', message);
    this.#snapshot = this.#snapshot.with({ put });
    return this.#snapshot;
  }

  #encode(message: ResourceMessage, name: string, fields: object): Resource[] {
    const key = { type: typeUrl(message), name };
    try {
      const resource = Resource.of(message, fields);
      this.#failed.delete(`${key.type} ${name}`);
      return [resource];
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      this.#failed.set(`${key.type} ${name}`, { ...key, error: error.message });
      return [];
    }
  }
}

const NONE: Messages = new Map();
