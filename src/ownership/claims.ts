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

/**
 * Who claims a field, and who claims something below it. One walks down an object with it, a step at a time; it costs
 * what the owners' sets have there.
 */
export class Claims {
  /** Those whose set has the field itself, in the order of managedFields. */
  readonly owners: readonly Owner[];
  readonly #below: readonly Below[];
  /** The names that keys of items consist of here; found out when the first item is asked for. */
  #keyNames: readonly (readonly string[])[] | undefined;

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
  item(index: number, value: JsonValue): { readonly element: PathElement; readonly claims: Claims } {
    if (this.whole) return { element: indexElement(index), claims: nobody };
    const known = this.#elementsOf(index, value).filter((element) =>
      this.#below.some(({ set }) => set.node(element) !== undefined),
    );
    return { element: known[0] ?? indexElement(index), claims: known.length === 0 ? nobody : this.#at(known) };
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

  #elementsOf(index: number, value: JsonValue): PathElement[] {
    this.#keyNames ??= keyNamesIn(this.#below);
    const keys = isJsonObject(value) ? this.#keyNames.flatMap((names) => keyOf(value, names)) : [];
    return [...keys, valueElement(value), indexElement(index)];
  }
}

/** Nobody claims anything. */
const nobody: Claims = Claims.of([]);

/** The names in keys of items, each combination once, those of more names first. */
function keyNamesIn(below: readonly Below[]): readonly string[][] {
  const found = new Map<string, string[]>();
  for (const { set } of below) {
    for (const { element } of set.nodes) {
      if (element.kind !== ElementKind.key) continue;
      const names = element.key.map(({ name }) => name);
      found.set(JSON.stringify(names), names);
    }
  }
  return [...found.values()].sort((a, b) => b.length - a.length);
}

function keyOf(item: Readonly<Record<string, JsonValue>>, names: readonly string[]): PathElement[] {
  if (!names.every((name) => Object.hasOwn(item, name))) return [];
  return [keyElement(names.map((name) => ({ name, value: item[name]! })))];
}
