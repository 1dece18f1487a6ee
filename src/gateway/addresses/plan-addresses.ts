import { addressesOf, type AddressRange } from './address-range.ts';

/** A Gateway that needs addresses. */
export interface AddressWish {
  /** `NAMESPACE/NAME`. */
  readonly key: string;
  /** What it asks for under `spec.addresses`: addresses, and empty texts for any. None: one, any. */
  readonly wanted: readonly string[];
  /** What it was given before, which it keeps. */
  readonly has: readonly string[];
  /** What the load balancer of its Service has, as that one's status says. */
  readonly balanced?: readonly string[];
}

/** What a Gateway gets. */
export interface GivenAddresses {
  readonly addresses: readonly string[];
  /** Why it does not get all: a reason of its condition `Programmed`, and what to do. */
  readonly problem?: { readonly reason: 'AddressNotUsable' | 'AddressNotAssigned'; readonly message: string };
}

/** Where addresses come from. */
export interface AddressSource {
  /** For gateways that ask for none. */
  readonly range: AddressRange;
  /** Whether this machine can listen on an address. */
  readonly isUsable: (address: string) => boolean;
}

/**
 * Gives each Gateway addresses of its own. Those who ask for one get it, the first of them; the others keep what they have, or
 * get the first of the range that is free.
 *
 * @param wishes by age: who comes first is served first
 */
export function planAddresses(
  wishes: readonly AddressWish[],
  source: AddressSource,
): ReadonlyMap<string, GivenAddresses> {
  const owners = new Map<string, string>();
  const plan = new Map<string, GivenAddresses>();
  const asking = wishes.filter(({ wanted }) => wanted.some((address) => address !== ''));
  for (const wish of asking) plan.set(wish.key, claim(wish, owners, source));
  // what somebody has is nobody's who has none
  for (const wish of wishes) keep(wish, owners, source.range);
  for (const wish of wishes) plan.set(wish.key, fill(wish, plan.get(wish.key), owners, source.range));
  return plan;
}

/** The addresses that a Gateway names. */
function claim({ key, wanted }: AddressWish, owners: Map<string, string>, source: AddressSource): GivenAddresses {
  const addresses: string[] = [];
  const refused: string[] = [];
  for (const address of new Set(wanted.filter((one) => one !== ''))) {
    const owner = owners.get(address);
    if (owner !== undefined) refused.push(`${address} is that of Gateway ${owner}`);
    else if (!source.isUsable(address)) refused.push(`${address} is no address of this machine`);
    else {
      owners.set(address, key);
      addresses.push(address);
    }
  }
  if (refused.length === 0) return { addresses };
  const message = `${refused.join(', ')}: ask for an address of ${source.range.text}, or for none`;
  return { addresses, problem: { reason: 'AddressNotUsable', message } };
}

function keep(wish: AddressWish, owners: Map<string, string>, range: AddressRange): void {
  const kept = wish.has.filter((address) => range.has(address) && !owners.has(address));
  for (const address of kept.slice(0, anyOf(wish))) owners.set(address, wish.key);
}

function fill(
  wish: AddressWish,
  claimed: GivenAddresses | undefined,
  owners: Map<string, string>,
  range: AddressRange,
): GivenAddresses {
  const addresses = [...(claimed?.addresses ?? [])];
  const kept = wish.has.filter((address) => owners.get(address) === wish.key && !addresses.includes(address));
  for (let missing = anyOf(wish); missing > 0; missing--) {
    const address = kept.shift() ?? firstFree(range, owners);
    if (address === undefined) {
      const message = `All addresses of ${range.text} are taken: delete another Gateway, or ask for an address`;
      return { addresses, problem: claimed?.problem ?? { reason: 'AddressNotAssigned', message } };
    }
    owners.set(address, wish.key);
    addresses.push(address);
  }
  return { ...claimed, addresses };
}

/** How many addresses of whatever value a Gateway gets. */
function anyOf({ wanted }: AddressWish): number {
  return wanted.length === 0 ? 1 : wanted.filter((address) => address === '').length;
}

function firstFree(range: AddressRange, owners: ReadonlyMap<string, string>): string | undefined {
  for (const address of addressesOf(range)) if (!owners.has(address)) return address;
  return undefined;
}
