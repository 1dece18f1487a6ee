import type { AddressBook, Addresses, Exposure } from './address-book.ts';
import type { AddressWish, GivenAddresses } from './plan-addresses.ts';

/**
 * Gateways are reached by load balancers, of a Service each, and have the addresses that these get. They all listen on this machine,
 * at ports of their own.
 */
export class BalancedAddresses implements AddressBook {
  readonly #exposure: Exposure;
  #last: Addresses;

  constructor(exposure: Exposure) {
    this.#exposure = exposure;
    this.#last = { listen: new Map(), given: new Map(), exposure };
  }

  async assign(wishes: readonly AddressWish[]): Promise<Addresses> {
    const given = new Map(wishes.map((wish) => [wish.key, this.#giveTo(wish)]));
    const [now, before] = [given, this.#last.given].map((map) => JSON.stringify([...map]));
    if (now !== before) this.#last = { ...this.#last, given };
    return this.#last;
  }

  #giveTo({ wanted, balanced: addresses = [] }: AddressWish): GivenAddresses {
    if (addresses.length === 0) {
      const { loadBalancerClass } = this.#exposure;
      const who =
        loadBalancerClass === undefined ? 'the cluster has' : `somebody serves the class ${loadBalancerClass} of`;
      const message = `the load balancer of its Service has no address yet: see whether ${who} load balancers`;
      return { addresses, problem: { reason: 'AddressNotAssigned', message } };
    }
    const missing = wanted.filter((address) => address !== '' && !addresses.includes(address));
    if (missing.length === 0) return { addresses };
    const message = `its load balancer has ${addresses.join(', ')}, and not ${missing.join(', ')}: ask for another address, or for none`;
    return { addresses, problem: { reason: 'AddressNotUsable', message } };
  }
}
