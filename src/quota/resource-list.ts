import { type JsonObject, parseQuantity, Quantity } from 'nekube/apimachinery';

/** Amounts by the name of what they are of: Kubernetes' ResourceList, read. */
export type ResourceList = Map<string, Quantity>;

/** Reads a resource list of an object that was decoded, so its quantities are well formed. */
export function resourceList(list: JsonObject | null | undefined): ResourceList {
  return new Map(Object.entries(list ?? {}).map(([name, amount]) => [name, parseQuantity(String(amount))]));
}

/** A resource list as objects have it, its names in order. */
export function toJson(list: ReadonlyMap<string, Quantity>): JsonObject {
  return Object.fromEntries(namesOf(list).map((name) => [name, list.get(name)!.toString()]));
}

/** The names in a list, sorted. */
export function namesOf(list: ReadonlyMap<string, Quantity>): string[] {
  return [...list.keys()].sort();
}

/** Adds the amounts to those in the list. */
export function addTo(list: ResourceList, amounts: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of amounts) {
    const before = list.get(name);
    list.set(name, before === undefined ? amount : before.add(amount));
  }
}

/** Raises each amount of the list to the one in the other. */
export function raiseTo(list: ResourceList, amounts: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of amounts) {
    const before = list.get(name);
    if (before === undefined || amount.cmp(before) > 0) list.set(name, amount);
  }
}

/** The sum of both lists. */
export function sum(a: ReadonlyMap<string, Quantity>, b: ReadonlyMap<string, Quantity>): ResourceList {
  const result = new Map(a);
  addTo(result, b);
  return result;
}

/** What is left of the first list without the second, nowhere below zero. */
export function difference(a: ReadonlyMap<string, Quantity>, b: ReadonlyMap<string, Quantity>): ResourceList {
  const result: ResourceList = new Map();
  for (const [name, amount] of a) {
    const rest = b.has(name) ? amount.sub(b.get(name)!) : amount;
    result.set(name, rest.sign() > 0 ? rest : Quantity.zero);
  }
  for (const name of b.keys()) if (!result.has(name)) result.set(name, Quantity.zero);
  return result;
}

/** Only the amounts of these names. */
export function only(list: ReadonlyMap<string, Quantity>, names: Iterable<string>): ResourceList {
  const wanted = new Set(names);
  return new Map([...list].filter(([name]) => wanted.has(name)));
}

/** Whether both lists have the same names with the same amounts. */
export function sameAmounts(a: ReadonlyMap<string, Quantity>, b: ReadonlyMap<string, Quantity>): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name)?.cmp(amount) === 0);
}
