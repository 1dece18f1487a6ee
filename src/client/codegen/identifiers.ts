/**
 * Names that a generated module must not declare: what it imports, and what TypeScript does not let a type be called.
 * Other words of the language are in lower case, which no type's name here is.
 */
const TAKEN = ['JsonObject', 'JsonValue', 'KubeObject', 'ObjectMeta', 'EmbeddedObject', 'Kind', 'ServedKind'];

/** Names of one module, each given out once. */
export class Names {
  readonly #taken = new Set(TAKEN);

  /** The name itself, or with the lowest number behind it that makes it new. */
  claim(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}${i}`;
    this.#taken.add(name);
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
