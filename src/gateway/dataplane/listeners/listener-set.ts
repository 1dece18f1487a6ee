import type { GatewayConfig, GatewayModel, GatewayState, Listener, Refusal } from '../../model/index.ts';
import type { Expiring } from '../http/sweeper.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { bindMessage, placeText } from '../../model/bind-message.ts';
import { boundPort, type PortOwner, type PortOwners, portOwners, takenMessage } from '../../model/port-owners.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

/** Connections of a listener that is gone have so long to end. */
const DRAIN_MS = 60_000;
/** A port that was not free may be free later. */
const RETRY_MS = 2_000;
const ANY_ADDRESSES = ['::', '0.0.0.0'];

/** A listener of a model at one of its addresses. */
interface Bound {
  readonly gateway: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly server: TcpListener | UdpListener;
  listener: Listener;
  state: 'binding' | 'bound' | 'failed' | 'closed';
  message?: string;
}

/** All that listens: it follows the model, and what stays in it is never closed. */
export class ListenerSet implements Expiring {
  /** When what failed is tried again. */
  deadline = Number.POSITIVE_INFINITY;
  readonly #plane: PlaneContext;
  readonly #changed: () => void;
  readonly #bound = new Map<string, Bound>();
  readonly #draining = new Set<TcpListener | UdpListener>();
  #model: GatewayModel | undefined;
  #owners: PortOwners = new Map();
  /** Those whose place another has. */
  #taken: readonly Taken[] = [];

  constructor(plane: PlaneContext, changed: () => void) {
    this.#plane = plane;
    this.#changed = changed;
    plane.sweeper.add(this);
  }

  /** Closes what is gone first, so that its port is free for what comes. */
  update(model: GatewayModel): void {
    this.#model = model;
    this.#owners = portOwners(model, placesOf, this.#owners);
    const all = wantedOf(model);
    const wanted = new Map([...all].filter(([, each]) => this.#ownerOfPlace(each) === undefined));
    this.#taken = [...all.values()].flatMap((each) => {
      const owner = this.#ownerOfPlace(each);
      if (owner === undefined) return [];
      return [
        { gateway: each.config.key, listener: each.listener, message: takenMessage(each.place, owner, each.config) },
      ];
    });
    for (const [key, bound] of this.#bound) if (!wanted.has(key)) this.#remove(key, bound);
    for (const [key, { config, listener, addresses }] of wanted) {
      const there = this.#bound.get(key);
      if (there !== undefined) {
        there.listener = listener;
        configure(there, model);
      } else this.#add(key, config, listener, addresses, model);
    }
    this.expire();
  }

  /** What became of the gateways of the model. */
  states(): Map<string, GatewayState> {
    const [all, taken] = [[...this.#bound.values()], this.#taken];
    const isOf = (key: string) => (each: { readonly gateway: string }) => each.gateway === key;
    return new Map(
      (this.#model?.gateways ?? []).map(({ key }) => [key, stateOf(all.filter(isOf(key)), taken.filter(isOf(key)))]),
    );
  }

  /** Who has what a listener wants, if that is another. */
  #ownerOfPlace({ place, listener }: Wanted): PortOwner | undefined {
    const owner = this.#owners.get(place);
    return owner?.listener === listener.name ? undefined : owner;
  }

  /** Where a listener of a gateway is bound, for tests that ask for any port. */
  portOf(name: string): number | undefined {
    for (const { listener, state, server } of this.#bound.values()) {
      if (listener.name === name && state === 'bound') return server.port;
    }
    return undefined;
  }

  /** Tries again what could not be bound. */
  expire(): void {
    for (const bound of this.#bound.values()) if (bound.state === 'failed') void this.#bind(bound);
  }

  /** Takes no new connections; the promise is kept when the last is gone, or the time is over and they were ended. */
  async close(drainMs: number): Promise<void> {
    this.#plane.sweeper.delete(this);
    for (const [key, bound] of this.#bound) this.#remove(key, bound);
    const until = performance.now() + drainMs;
    while (this.#open() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const server of this.#draining) if (server instanceof TcpListener) server.destroy();
    this.#draining.clear();
  }

  #open(): number {
    return [...this.#draining].reduce((sum, one) => sum + (one instanceof TcpListener ? one.connections : 0), 0);
  }

  #add(
    key: string,
    { key: gateway }: GatewayConfig,
    listener: Listener,
    addresses: readonly string[],
    model: GatewayModel,
  ): void {
    const server = listener.transport === 'UDP' ? new UdpListener(listener, this.#plane) : new TcpListener(this.#plane);
    const bound: Bound = { gateway, addresses, port: boundPort(listener), listener, server, state: 'binding' };
    this.#bound.set(key, bound);
    configure(bound, model);
    void this.#bind(bound);
  }

  async #bind(bound: Bound): Promise<void> {
    bound.state = 'binding';
    let failure: unknown;
    for (const address of bound.addresses) {
      try {
        await bound.server.bind(address, bound.port);
        failure = undefined;
        break;
      } catch (error) {
        // a machine without IPv6 has only the second
        failure = error;
        if ((error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') break;
      }
    }
    if ((bound.state as Bound['state']) === 'closed') {
      bound.server.drain();
      return;
    }
    bound.state = failure === undefined ? 'bound' : 'failed';
    bound.message = failure === undefined ? undefined : this.#messageOf(failure as NodeJS.ErrnoException, bound);
    if (failure !== undefined) this.deadline = this.#plane.sweeper.now + RETRY_MS;
    this.#changed();
  }

  #messageOf(failure: NodeJS.ErrnoException, bound: Bound): string {
    const where = placeText(bound.addresses[0]!, bound.port);
    const owner = failure.code === 'EADDRINUSE' ? this.#ownerOf(bound) : undefined;
    if (owner === undefined) return bindMessage(failure, where);
    return `Gateway ${owner} already listens at ${where}; one of both must have another address or port`;
  }

  /** The other gateway that listens where one would, at another address: on all of the machine, or on one where this one asks for all. */
  #ownerOf({ gateway, port, addresses, listener }: Bound): string | undefined {
    const isAny = (each: readonly string[]): boolean => each.some((address) => ANY_ADDRESSES.includes(address));
    const owner = [...this.#bound.values()].find(
      (other) =>
        other.state === 'bound' &&
        other.gateway !== gateway &&
        other.port === port &&
        other.listener.transport === listener.transport &&
        (isAny(addresses) || isAny(other.addresses) || addresses.some((address) => other.addresses.includes(address))),
    );
    return owner?.gateway;
  }

  #remove(key: string, bound: Bound): void {
    bound.state = 'closed';
    this.#bound.delete(key);
    bound.server.drain();
    this.#draining.add(bound.server);
    if (bound.server instanceof UdpListener) this.#draining.delete(bound.server);
    else this.#forget(bound.server);
  }

  /** What a drained listener still has when the time is over ends. */
  #forget(server: TcpListener): void {
    const { sweeper } = this.#plane;
    const end: Expiring = {
      deadline: sweeper.now + DRAIN_MS,
      expire: () => {
        sweeper.delete(end);
        this.#draining.delete(server);
        server.destroy();
      },
    };
    sweeper.add(end);
  }
}

interface Wanted {
  readonly config: GatewayConfig;
  readonly listener: Listener;
  readonly addresses: readonly string[];
  readonly place: string;
}

/** A listener at an address that another has. */
interface Taken {
  readonly gateway: string;
  readonly listener: Listener;
  readonly message: string;
}

/** By gateway, address, port and transport. */
function wantedOf(model: GatewayModel): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const config of model.gateways) {
    for (const listener of config.listeners) {
      for (const addresses of bindingsOf(config)) {
        const key = [config.key, addresses[0], boundPort(listener), listener.transport].join(' ');
        wanted.set(key, { config, listener, addresses, place: placeOf(listener, addresses) });
      }
    }
  }
  return wanted;
}

/** Each is the addresses of which the first that there is is bound. */
function bindingsOf({ addresses }: GatewayConfig): readonly (readonly string[])[] {
  return addresses.length === 0 ? [ANY_ADDRESSES] : addresses.map((address) => [address]);
}

function placeOf(listener: Listener, [address = '']: readonly string[]): string {
  const where = placeText(address, boundPort(listener));
  return listener.transport === 'UDP' ? `${where}/udp` : where;
}

function placesOf(listener: Listener, config: GatewayConfig): readonly string[] {
  return bindingsOf(config).map((addresses) => placeOf(listener, addresses));
}

function configure({ server, listener }: Bound, model: GatewayModel): void {
  if (server instanceof TcpListener) server.update(listener, model);
  else server.update(listener);
}

function stateOf(listeners: readonly Bound[], taken: readonly Taken[]): GatewayState {
  const others = taken.flatMap(({ listener, message }) => listener.sources.map((source) => ({ source, message })));
  const own: Refusal[] = listeners.flatMap(({ listener, message, state, server }) => [
    ...(state === 'failed' || (state === 'binding' && message !== undefined)
      ? listener.sources.map((source) => ({ source, message: message! }))
      : []),
    ...(server instanceof TcpListener ? server.refusals : []),
  ]);
  return {
    programmed: listeners.every(({ state, message }) => state !== 'binding' || message !== undefined),
    refusals: [...others, ...own],
  };
}
