import type { Clock } from 'nekube/client';
import type { Endpoint, PodNetwork, Protocol } from '../pod-network.ts';
import { isWithin, parseAddress } from '../pods/ranges.ts';
import { Affinity } from './affinity.ts';
import { chooseEndpoints, type RouteEndpoint } from './choose-endpoints.ts';
import type { Frontend, Route } from './plan-routes.ts';
import { type Listener, listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

/** What frontends are made with. */
export interface FrontendSetParts {
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: Error) => void;
  readonly onNodePort: (place: Endpoint) => void;
  readonly zoneOf: (node: string) => string | undefined;
}

/** An address and port that belongs to a service, and what listens there. */
interface Served {
  route: Route;
  frontend: Frontend;
  /** Where this process listens for it. */
  readonly place: Endpoint;
  readonly affinity: Affinity;
  listener?: Listener;
}

/**
 * The addresses of all services: a socket each, for as long as there is an endpoint to bring connections to. Where there is
 * none nothing listens, so that clients are refused at once.
 */
export class FrontendSet {
  readonly #parts: FrontendSetParts;
  readonly #served = new Map<string, Served>();
  /** The addresses of a service, by what `set` called it. */
  readonly #byService = new Map<string, readonly string[]>();

  constructor(parts: FrontendSetParts) {
    this.#parts = parts;
  }

  /** Where an address of a service is listened on. */
  reach(ip: string, port: number, protocol: Protocol): Endpoint | undefined {
    return this.#served.get(`${protocol} ${ip} ${port}`)?.place;
  }

  /** Serves a service as these routes say, instead of what was said before. */
  async set(service: string, routes: readonly Route[]): Promise<void> {
    const wanted = new Map(
      routes.flatMap((route) =>
        route.frontends.map((frontend) => [`${route.protocol} ${frontend.ip} ${frontend.port}`, { route, frontend }]),
      ),
    );
    const had = this.#byService.get(service) ?? [];
    for (const key of had) if (!wanted.has(key)) await this.#remove(key);
    const mine: string[] = [];
    for (const [key, { route, frontend }] of wanted) {
      // the address of another service: it keeps it
      if (this.#served.has(key) && !had.includes(key)) continue;
      mine.push(key);
      await this.#serve(key, route, frontend);
    }
    if (mine.length > 0) this.#byService.set(service, mine);
    else this.#byService.delete(service);
  }

  /** All connections end. */
  async close(): Promise<void> {
    const all = [...this.#served.values()];
    this.#served.clear();
    this.#byService.clear();
    await Promise.all(all.map((served) => this.#stop(served, 'destroy')));
  }

  async #remove(key: string): Promise<void> {
    const served = this.#served.get(key);
    this.#served.delete(key);
    if (served !== undefined) await this.#stop(served, 'close');
  }

  async #stop({ listener, place, frontend }: Served, how: 'close' | 'destroy'): Promise<void> {
    await listener?.[how]();
    await this.#parts.network.giveServicePlaceBack(frontend, place);
  }

  async #serve(key: string, route: Route, frontend: Frontend): Promise<void> {
    try {
      const served = this.#served.get(key) ?? (await this.#begin(frontend, route));
      Object.assign(served, { route, frontend });
      this.#served.set(key, served);
      const isWanted = this.#usable(served).length > 0;
      if (isWanted && served.listener === undefined) served.listener = await this.#listen(served);
      if (!isWanted && served.listener !== undefined) {
        await served.listener.close();
        delete served.listener;
      }
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      const message = `Cannot listen for ${route.name} on ${frontend.ip}:${frontend.port}/${route.protocol}: ${code}`;
      this.#parts.onError(new Error(message, { cause: error }));
    }
  }

  async #begin(frontend: Frontend, route: Route): Promise<Served> {
    const place = await this.#parts.network.placeOfService(frontend);
    if (frontend.ip === '127.0.0.1' && route.protocol === 'TCP') this.#parts.onNodePort(place);
    return { route, frontend, place, affinity: new Affinity() };
  }

  #listen(served: Served): Promise<Listener> {
    const { network, clock, onError } = this.#parts;
    const choose = (client: string, tried: readonly Endpoint[]): Endpoint | undefined => {
      const { protocol } = served.route;
      const chosen = this.#choose(
        served,
        client,
        (one) => !tried.some((other) => isAt(network.reach(one.ip, one.port, protocol), other)),
      );
      return chosen && network.reach(chosen.ip, chosen.port, protocol);
    };
    if (served.route.protocol === 'UDP') {
      const isCurrent = (endpoint: Endpoint): boolean =>
        served.route.endpoints.some(
          ({ ip, port, ready, serving }) => (ready || serving) && isAt(network.reach(ip, port, 'UDP'), endpoint),
        );
      return listenUdp(served.place, { choose, isCurrent, clock, onError });
    }
    if (served.route.protocol === 'TCP') return listenTcp(served.place, { choose, onError });
    throw Object.assign(new Error('SCTP is not routed'), { code: 'SCTP is not routed' });
  }

  /** Whatever some client may be given. */
  #usable({ route, frontend }: Served): readonly RouteEndpoint[] {
    const onlyLocal =
      frontend.from === 'internal' ? route.internalLocal : route.externalLocal && frontend.node !== undefined;
    const client = frontend.node === undefined ? {} : { node: frontend.node };
    const some = chooseEndpoints(route.endpoints, { onlyLocal, client });
    // pods come to a node port by the policy of the cluster, whatever is on the node
    return some.length > 0 || frontend.from === 'internal'
      ? some
      : chooseEndpoints(route.endpoints, { onlyLocal: false, client });
  }

  #choose(
    { route, frontend, affinity }: Served,
    address: string,
    isLeft: (endpoint: RouteEndpoint) => boolean,
  ): RouteEndpoint | undefined {
    const { clock, random, network, zoneOf } = this.#parts;
    if (!isLetIn(address, frontend.sourceRanges)) return undefined;
    const podNode = network.nodeOf(address);
    const node = podNode ?? frontend.node;
    const zone = node === undefined ? undefined : zoneOf(node);
    const client = { ...(node !== undefined && { node }), ...(zone !== undefined && { zone }) };
    // what pods send to an address for the outside is not of the outside
    const onlyLocal = frontend.from === 'internal' ? route.internalLocal : route.externalLocal && podNode === undefined;
    const among = chooseEndpoints(route.endpoints, { onlyLocal, client }).filter(isLeft);
    const choose = (): RouteEndpoint | undefined => among[Math.floor(random() * among.length)];
    if (route.affinityMs === undefined) return choose();
    return affinity.endpointFor(address, among, { now: clock.elapsed(), ms: route.affinityMs, choose });
  }
}

function isAt(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port;
}

function isLetIn(client: string, ranges: readonly string[] | undefined): boolean {
  if (ranges === undefined || ranges.length === 0) return true;
  const address = parseAddress(client.replace(/^::ffff:/, ''));
  return address !== undefined && ranges.some((range) => isWithin(range, address));
}
