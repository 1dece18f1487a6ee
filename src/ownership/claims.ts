import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import {
  ElementKind,
  fieldElement,
  type FieldSet,
  indexElement,
  keyElement,
  PathElement,
  valueElement,
} from 'nekube/smd';
import type { Owner } from './owners.ts';

/** What an owner says of the fields below one. */
interface Below {
  readonly owner: Owner;
  readonly set: FieldSet;
}

/** How the items of a list are known to its owners. */
interface Ways {
  /** The names that keys consist of, each combination once, those of more names first. */
  readonly keys: readonly (readonly string[])[];
  /** True if members are known by their value. */
  readonly values: boolean;
  /** True if items are known by their place. */
  readonly places: boolean;
}

/** An item, as owners know it. */
export interface ClaimedItem {
  readonly element: PathElement;
  readonly claims: Claims;
}

/**
 * Who claims a field, and who claims something below it. One walks down an object with it, a step at a time; it costs
 * what the owners' sets have there.
 */
export class Claims {
  /** Those whose set has the field itself, in the order of managedFields. */
  readonly owners: readonly Owner[];
  readonly #below: readonly Below[];
  /** Found out when the first item is asked for. */
  #ways: Ways | undefined;

  private constructor(owners: readonly Owner[], below: readonly Below[]) {
    this.owners = owners;
    this.#below = below;
  }

  /** The claims on a whole object: nobody owns the object itself. */
  static of(owners: readonly Owner[]): Claims {
    return new Claims(
      [],
      owners.map((owner) => ({ owner, set: owner.fields })),
    );
  }

  /** True if nobody claims a part of the field: who owns it owns all of it, as of a scalar, or what is atomic. */
  get whole(): boolean {
    return this.#below.length === 0;
  }

  /** The claims on a field below. */
  field(name: string): Claims {
    return this.#at([fieldElement(name)]);
  }

  /**
   * The claims on an item of a list, which owners know by its key, its value or its place, and the element that they
   * know it by; its place if nobody claims it. Owners may have stated it in versions with different keys.
   */
  item(index: number, value: JsonValue): ClaimedItem {
    let found: ClaimedItem | undefined;
    const elements = this.whole ? [] : this.#elementsOf(index, value);
    for (const element of elements) {
      const claims = this.#at([element]);
      if (claims === nobody) continue;
      if (found !== undefined) return { element: found.element, claims: this.#at(elements) };
      found = { element, claims };
    }
    return found ?? { element: indexElement(index), claims: nobody };
  }

  #at(elements: readonly PathElement[]): Claims {
    const owners: Owner[] = [];
    const below: Below[] = [];
    for (const { owner, set } of this.#below) {
      const nodes = elements.map((element) => set.node(element)).filter((node) => node !== undefined);
      if (nodes.some(({ member }) => member)) owners.push(owner);
      for (const { children } of nodes) if (children !== undefined) below.push({ owner, set: children });
    }
    return owners.length === 0 && below.length === 0 ? nobody : new Claims(owners, below);
  }

  /** How owners may know an item here; mostly there is one way. */
  #elementsOf(index: number, value: JsonValue): PathElement[] {
    this.#ways ??= waysIn(this.#below);
    const { keys, values, places } = this.#ways;
    const elements = isJsonObject(value) ? keys.flatMap((names) => keyOf(value, names)) : [];
    if (values) elements.push(valueElement(value));
    if (places) elements.push(indexElement(index));
    return elements;
  }
}

/** Nobody claims anything. */
const nobody: Claims = Claims.of([]);

function waysIn(below: readonly Below[]): Ways {
  const keys = new Map<string, string[]>();
  const kinds = new Set<ElementKind>();
  for (const { set } of below) {
    for (const { element } of set.nodes) {
      kinds.add(element.kind);
      if (element.kind !== ElementKind.key) continue;
      const names = element.key.map(({ name }) => name);
      keys.set(names.join('\n'), names);
    }
  }
  return {
    keys: [...keys.values()].sort((a, b) => b.length - a.length),
    values: kinds.has(ElementKind.value),
    places: kinds.has(ElementKind.index),
  };
}

function keyOf(item: Readonly<Record<string, JsonValue>>, names: readonly string[]): PathElement[] {
  if (!names.every((name) => Object.hasOwn(item, name))) return [];
  return [keyElement(names.map((name) => ({ name, value: item[name]! })))];
}
