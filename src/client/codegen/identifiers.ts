/** What modules import: types inside others are not called so. Kinds may be. */
const IMPORTED = ['JsonObject', 'JsonValue', 'KubeObject', 'ObjectMeta', 'EmbeddedObject', 'Kind', 'ServedKind'];

/** Names of one module, each given out once. */
export class Names {
  readonly #declared = new Set<string>();

  /** The name itself, or with the lowest number behind it that makes it new. */
  claim(wanted: string): string {
    return this.#claim(wanted, (name) => this.#declared.has(name) || IMPORTED.includes(name));
  }

  /** The same, for a name that goes before those of imports. */
  claimFirst(wanted: string): string {
    return this.#claim(wanted, (name) => this.#declared.has(name));
  }

  isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  #claim(wanted: string, isTaken: (name: string) => boolean): string {
    let name = wanted;
    for (let i = 2; isTaken(name); i++) name = `${wanted}${i}`;
    this.#declared.add(name);
    return name;
  }
}

/** A type's name, of whatever something is called: `ca-bundle` is CaBundle, and what has no letter is Field. */
export function typeName(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  if (name === '') return 'Field';
  return /^\d/.test(name) ? `N${name}` : name;
}

/** A property's name as it is written in a type: quoted where need be. */
export function propertyName(name: string): string {
  // quoted, __proto__ is a name like any other also for whoever copies it into a literal
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quoted(name);
}

/** A literal of a text, in single quotes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
