import { docComment } from './comment.ts';
import { Names, propertyName, quoted, typeName } from './identifiers.ts';
import { refOf, type Schema } from './schema.ts';

/** A kind to declare: its schema, and what its objects say of themselves. */
export interface KindOfSchema {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: Schema;
}

/** What differs between the schemas of definitions and those of built-in kinds. */
export interface SchemaRules {
  /** The type that a `$ref` names. */
  ref(name: string): string;
  /** Whether a property may be left out. */
  isOptional(name: string, property: Schema, required: boolean): boolean;
}

/**
 * Makes TypeScript of schemas: an interface for every object that has properties. Those inside others are named by the
 * path to them (`GatewaySpecListeners`).
 *
 * Nothing but types of its own module and those of `nekube/client` appears in what it writes, so that no kind's name
 * (`Record`, `Array`) can change the meaning of another.
 */
export class TypeWriter {
  readonly #rules: SchemaRules;
  readonly #names = new Names();
  readonly #declarations: string[] = [];
  readonly #imports = new Set<string>();

  constructor(rules: SchemaRules) {
    this.#rules = rules;
  }

  /** All that was declared, the outer types before the inner ones. */
  get text(): string {
    return this.#declarations.join('\n');
  }

  /** What has to be imported from `nekube/client`, sorted. */
  get imports(): readonly string[] {
    return [...this.#imports].sort();
  }

  /** Keeps a name for later, so that inner types do not take it; the result is what to declare it by. */
  claim(name: string): string {
    return this.#names.claim(typeName(name));
  }

  /** Keeps the name of a kind, which it has even if a type that is imported is called so; that one has to give way. */
  claimKind(name: string): string {
    return this.#names.claimFirst(typeName(name));
  }

  /** A type of `nekube/client`, which will be imported; the result is its name in this module. */
  imported(name: string): string {
    const local = this.#names.isDeclared(name) ? `Nekube${name}` : name;
    this.#imports.add(local === name ? name : `${name} as ${local}`);
    return local;
  }

  /** Declares the type of a kind's objects by a claimed name. */
  declareKind(name: string, { apiVersion, kind, schema }: KindOfSchema): void {
    const head = [
      `  apiVersion: ${quoted(apiVersion)};\n`,
      `  kind: ${quoted(kind)};\n`,
      `  metadata: ${this.imported('ObjectMeta')};\n`,
    ];
    this.#declareInterface(name, schema, head, ['apiVersion', 'kind', 'metadata']);
  }

  /** Declares a type by a claimed name. */
  declareType(name: string, schema: Schema): void {
    if (schema.properties !== undefined) return this.#declareInterface(name, schema, [], []);
    this.declare(`${docComment(schema.description)}export type ${name} = ${this.#typeOf(schema, name)};\n`);
  }

  /** Adds a declaration that stands already. */
  declare(text: string): void {
    this.#declarations.push(text);
  }

  #declareInterface(name: string, schema: Schema, head: readonly string[], without: readonly string[]): void {
    const at = this.#declarations.push('') - 1;
    const required = new Set(schema.required);
    const members = Object.entries(schema.properties ?? {})
      .filter(([property]) => !without.includes(property))
      .map(([property, inner]) => this.#member(name, property, inner, required.has(property)));
    // what else there is may be anything; whatever the properties are, they fit this
    if (schema['x-kubernetes-preserve-unknown-fields']) members.push('  [field: string]: unknown;\n');
    const body = [...head, ...members].join('');
    this.#declarations[at] =
      `${docComment(schema.description, '', schema.deprecation)}export interface ${name} {\n${body}}\n`;
  }

  #member(owner: string, property: string, schema: Schema, required: boolean): string {
    const mark = this.#rules.isOptional(property, schema, required) ? '?' : '';
    const stated = this.#typeOf(schema, `${owner}${typeName(property)}`);
    // an object without a field of such a name has one by inheritance
    const type = mark === '?' && property in Object.prototype && property !== '__proto__' ? 'unknown' : stated;
    return `${docComment(schema.description, '  ')}  ${propertyName(property)}${mark}: ${type};\n`;
  }

  /** The type of a value; `name` is what an interface for it would be called. */
  #typeOf(schema: Schema, name: string): string {
    const type = this.#notNull(schema, name);
    return schema.nullable && !type.endsWith('JsonValue') && !/(^|\| )null$/.test(type) ? `${type} | null` : type;
  }

  #notNull(schema: Schema, name: string): string {
    const ref = refOf(schema);
    if (ref !== undefined) return this.#rules.ref(ref);
    if (schema.enum !== undefined && schema.enum.length > 0) return this.#enumOf(schema.enum);
    if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return 'number | string';
    switch (schema.type) {
      case 'string':
        return 'string';
      case 'integer':
      case 'number':
        return 'number';
      case 'boolean':
        return 'boolean';
      case 'array':
        return this.#listOf(schema.items ?? {}, name);
      case 'object':
        return this.#objectOf(schema, name);
      default:
        if (schema.properties !== undefined || schema['x-kubernetes-embedded-resource'])
          return this.#objectOf(schema, name);
        return this.imported('JsonValue');
    }
  }

  #enumOf(values: NonNullable<Schema['enum']>): string {
    const literals = values.map((value) => {
      if (typeof value === 'string') return quoted(value);
      // a list or object among them is compared as a whole, which a type cannot say
      return typeof value === 'object' && value !== null ? this.imported('JsonValue') : String(value);
    });
    return [...new Set(literals)].join(' | ');
  }

  #listOf(items: Schema, name: string): string {
    const item = this.#typeOf(items, name);
    return item.includes(' ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }

  #objectOf(schema: Schema, name: string): string {
    const { properties, additionalProperties } = schema;
    if (schema['x-kubernetes-embedded-resource']) return this.#embedded(schema, name);
    if (properties !== undefined && Object.keys(properties).length > 0) return this.#inner(schema, name);
    if (typeof additionalProperties === 'object')
      return `{ [key: string]: ${this.#typeOf(additionalProperties, name)} }`;
    if (additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'])
      return this.imported('JsonObject');
    // whatever stands in there is pruned
    return '{ [key: string]: never }';
  }

  #inner(schema: Schema, name: string): string {
    const claimed = this.#names.claim(name);
    // a member's own text stands at the member
    this.#declareInterface(claimed, { ...schema, description: undefined }, [], []);
    return claimed;
  }

  /** An object of the API inside another: of any kind, unless the schema says more. */
  #embedded(schema: Schema, name: string): string {
    const object = this.imported('KubeObject');
    const own = Object.keys(schema.properties ?? {}).filter((key) => !/^(apiVersion|kind|metadata)$/.test(key));
    return own.length === 0 ? object : `${object} & ${this.#inner(schema, name)}`;
  }
}
