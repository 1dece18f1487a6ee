import { type AddressRange } from './address-range.ts';
import { type AddressWish, type GivenAddresses, planAddresses } from './plan-addresses.ts';
import { canListenOn } from './usable-addresses.ts';

/** Which addresses gateways have by now. */
export interface Addresses {
  /** What data planes listen on, by the Gateway's key; those that are not in it listen on all of the machine. */
  readonly listen: ReadonlyMap<string, readonly string[]>;
  /** What statuses tell, by the Gateway's key. */
  readonly given: ReadonlyMap<string, GivenAddresses>;
  /** Where gateways are reached by load balancers; absent: at what they listen on. */
  readonly exposure?: Exposure;
}

/** How load balancers reach gateways. */
export interface Exposure {
  /** Of this machine, or of the pod that this is. */
  readonly address: string;
  /** Which load balancers, by the class of their Services; absent: the cluster's own. */
  readonly loadBalancerClass?: string;
}

/** Where gateways get addresses from. */
export interface AddressBook {
  /**
   * Gives each what it needs; who is not among them any longer has none. The maps are those of before where nothing changed.
   *
   * @param wishes by age, the oldest first
   */
  assign(wishes: readonly AddressWish[]): Promise<Addresses>;
}

const NONE: Addresses = { listen: new Map(), given: new Map() };

/** Each Gateway has addresses of its own, of a range that this machine can listen on. */
export class OwnAddresses implements AddressBook {
  readonly #range: AddressRange;
  readonly #canListenOn: (address: string) => Promise<boolean>;
  #last = NONE;

  /** @param canListen asked for addresses that gateways name; default: the machine is */
  constructor(range: AddressRange, canListen: (address: string) => Promise<boolean> = canListenOn) {
    this.#range = range;
    this.#canListenOn = canListen;
  }

  async assign(wishes: readonly AddressWish[]): Promise<Addresses> {
    const named = [...new Set(wishes.flatMap(({ wanted }) => wanted.filter((address) => address !== '')))];
    const usable = new Set<string>();
    await Promise.all(named.map(async (address) => (await this.#canListenOn(address)) && usable.add(address)));
    // what was given may not be in a status yet
    const remembered = wishes.map((wish) => ({ ...wish, has: this.#last.given.get(wish.key)?.addresses ?? wish.has }));
    const given = planAddresses(remembered, { range: this.#range, isUsable: (address) => usable.has(address) });
    if (isSame(given, this.#last.given)) return this.#last;
    const listen = new Map([...given].map(([key, { addresses }]) => [key, addresses]));
    return (this.#last = { listen, given });
  }
}

/** All gateways share the addresses of this machine, so that no two can have the same port. */
export class SharedAddresses implements AddressBook {
  readonly #told: readonly string[];
  readonly #canListenOn: (address: string) => Promise<boolean>;
  #last = NONE;

  /** @param told the addresses by which the machine is reached */
  constructor(told: readonly string[], canListen: (address: string) => Promise<boolean> = canListenOn) {
    this.#told = told;
    this.#canListenOn = canListen;
  }

  async assign(wishes: readonly AddressWish[]): Promise<Addresses> {
    const given = new Map<string, GivenAddresses>();
    for (const wish of wishes) given.set(wish.key, await this.#giveTo(wish));
    if (isSame(given, this.#last.given)) return this.#last;
    const named = wishes.filter(({ wanted }) => wanted.some((address) => address !== ''));
    const listen = new Map(named.map(({ key }) => [key, given.get(key)!.addresses]));
    return (this.#last = { listen, given });
  }

  async #giveTo({ wanted }: AddressWish): Promise<GivenAddresses> {
    const named = wanted.filter((address) => address !== '');
    if (named.length === 0) return { addresses: this.#told };
    const usable = await Promise.all(named.map(this.#canListenOn));
    const addresses = named.filter((_, i) => usable[i]);
    const refused = named.filter((_, i) => !usable[i]);
    if (refused.length === 0) return { addresses };
    const verb = refused.length === 1 ? 'is no address' : 'are no addresses';
    const message = `${refused.join(', ')} ${verb} of this machine: ask for ${this.#told.join(', ')}, or for none`;
    return { addresses, problem: { reason: 'AddressNotUsable', message } };
  }
}

function isSame(a: ReadonlyMap<string, GivenAddresses>, b: ReadonlyMap<string, GivenAddresses>): boolean {
  const text = (map: ReadonlyMap<string, GivenAddresses>): string => JSON.stringify([...map]);
  return a.size === b.size && text(a) === text(b);
}
