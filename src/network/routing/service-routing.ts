import { namespacedName } from 'nekube/apimachinery';
import { type Clock, type Informer, systemClock } from 'nekube/client';
import type { Endpoint, PodNetwork, Protocol } from '../pod-network.ts';
import { FrontendSet } from './frontend-set.ts';
import { type Informers, slicesByService } from './informers.ts';
import { type NodePlace, planRoutes, type Route } from './plan-routes.ts';
import { ENDPOINT_SLICE, type EndpointSlice, NODE, SERVICE, type Service, serviceOf } from './service.ts';

/** What routing of services needs. */
export interface ServiceRoutingOptions {
  readonly informers: Informers;
  readonly network: PodNetwork;
  /** Where services lead that have no endpoints which are published: a server on 127.0.0.1 has none of its own. By `namespace/name`. */
  readonly endpoints?: Readonly<Record<string, Endpoint>>;
  /** Is told where a node port is listened on, on 127.0.0.1. */
  readonly onNodePort?: (place: Endpoint) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Gets what goes wrong with an address of a service; the others go on. */
  readonly onError?: (error: Error) => void;
}

/** Services of this process' nodes, that are reached. */
export interface ServiceRouting {
  /** Where a service's address is reached in this process; undefined if it is not routed. */
  reach(ip: string, port: number, protocol?: Protocol): Endpoint | undefined;
  /** Resolves when all that is known of services now is listened on. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Brings connections to services' addresses, node ports and load balancers to their endpoints, until it is closed. */
export function startServiceRouting(options: ServiceRoutingOptions): ServiceRouting {
  return new Routing(options);
}

class Routing implements ServiceRouting {
  readonly #options: ServiceRoutingOptions;
  readonly #frontends: FrontendSet;
  readonly #slices: Informer<EndpointSlice>;
  readonly #slicesOf: (service: string) => readonly EndpointSlice[];
  readonly #services: Informer<Service>;
  readonly #nodes: Informer;
  readonly #removals: readonly (() => void)[];
  /** Services that changed since they were routed. */
  readonly #changed = new Set<string>();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ServiceRoutingOptions) {
    this.#options = options;
    const { informers, network, clock = systemClock, random = Math.random, onError = () => undefined } = options;
    const { onNodePort = () => undefined } = options;
    this.#slices = informers.informer(ENDPOINT_SLICE);
    this.#services = informers.informer(SERVICE);
    this.#nodes = informers.informer(NODE);
    this.#slicesOf = slicesByService(this.#slices);
    this.#frontends = new FrontendSet({
      network,
      clock,
      random,
      onError,
      onNodePort,
      zoneOf: (node) => this.#zoneOf(node),
    });
    const sliceChanged = (slice: EndpointSlice): void => this.#mark(serviceOf(slice));
    const all = (): void => this.#markAll();
    this.#removals = [
      this.#services.handle(handlerOf((service) => this.#mark(namespacedName(service.metadata)))),
      this.#slices.handle(handlerOf(sliceChanged)),
      this.#nodes.handle({ added: all, deleted: all }),
    ];
  }

  reach(ip: string, port: number, protocol: Protocol = 'TCP'): Endpoint | undefined {
    return this.#frontends.reach(ip, port, protocol);
  }

  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const remove of this.#removals) remove();
    await this.#working;
    await this.#frontends.close();
  }

  #markAll(): void {
    for (const service of this.#services.store.list()) this.#mark(namespacedName(service.metadata));
  }

  #mark(service: string | undefined): void {
    if (service === undefined || this.#isClosed) return;
    this.#changed.add(service);
    this.#working ??= this.#work();
  }

  /** One service after the other; what changes meanwhile comes behind. */
  async #work(): Promise<void> {
    // all that one turn brings is taken together
    await new Promise((resolve) => setImmediate(resolve));
    for (const service of this.#changed) {
      this.#changed.delete(service);
      if (!this.#isClosed) await this.#frontends.set(service, this.#routesOf(service));
    }
    this.#working = undefined;
  }

  #routesOf(key: string): readonly Route[] {
    const [namespace = '', name = ''] = key.split('/');
    const service = this.#services.store.get({ namespace, name });
    if (service === undefined) return [];
    const routes = planRoutes(service, this.#slicesOf(key), this.#nodePlaces());
    const fixed = this.#options.endpoints?.[key];
    if (fixed === undefined) return routes;
    return routes.map((route) => ({
      ...route,
      endpoints: route.endpoints.length > 0 ? route.endpoints : [only(fixed)],
    }));
  }

  /** Node ports are served on each node's address, and on 127.0.0.1. */
  #nodePlaces(): readonly NodePlace[] {
    const { network } = this.#options;
    const places = new Map<string, NodePlace>([['127.0.0.1', { ip: '127.0.0.1' }]]);
    for (const { metadata } of this.#nodes.store.list()) {
      const ip = network.knownNodeAddress(metadata.name ?? '');
      if (ip !== undefined && !places.has(ip)) places.set(ip, { ip, node: metadata.name! });
    }
    return [...places.values()];
  }

  #zoneOf(node: string): string | undefined {
    return this.#nodes.store.get({ name: node })?.metadata.labels?.['topology.kubernetes.io/zone'];
  }
}

function handlerOf<T>(changed: (object: T) => void): {
  added(object: T): void;
  updated(object: T, old: T): void;
  deleted(object: T): void;
} {
  return {
    added: changed,
    updated: (object, old) => {
      changed(old);
      changed(object);
    },
    deleted: changed,
  };
}

function only({ host, port }: Endpoint): Route['endpoints'][number] {
  return { ip: host, port, ready: true, serving: true, terminating: false, zones: [], nodes: [] };
}
