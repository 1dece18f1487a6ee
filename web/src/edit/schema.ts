import type { JsonObject, JsonValue } from 'nekube/apimachinery';

/** A schema of an OpenAPI v3 document, as far as an editor reads it. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly default?: JsonValue;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly nullable?: boolean;
  readonly $ref?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** A field that an object may have at a place. */
export interface FieldHelp {
  readonly name: string;
  /** `string`, `[]object`, `map[string]string`. */
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
}

/** What is served of a kind: which fields there are, of what type, and what they are for. */
export class KindSchema {
  readonly #schemas: Readonly<Record<string, Schema>>;
  readonly #root: Schema;

  private constructor(schemas: Readonly<Record<string, Schema>>, root: Schema) {
    this.#schemas = schemas;
    this.#root = root;
  }

  /** The schema of a kind in the document of its group and version; undefined where that does not state it. */
  static of(document: JsonObject, gvk: { readonly group: string; readonly version: string; readonly kind: string }) {
    const schemas = (document as { components?: { schemas?: Record<string, Schema> } }).components?.schemas ?? {};
    const root = Object.values(schemas).find((schema) =>
      schema['x-kubernetes-group-version-kind']?.some(
        ({ group, version, kind }) => group === gvk.group && version === gvk.version && kind === gvk.kind,
      ),
    );
    return root?.properties === undefined ? undefined : new KindSchema(schemas, root);
  }

  /** The schema at a place; undefined: there is no such field. `open`: anything may stand there. */
  at(path: readonly (string | number)[]): Schema | 'open' | undefined {
    let schema: Schema = this.#resolved(this.#root);
    for (const step of path) {
      const below = this.#below(schema, step);
      if (below === undefined || below === 'open') return below;
      schema = below;
    }
    return schema;
  }

  #below(schema: Schema, step: string | number): Schema | 'open' | undefined {
    if (typeof step === 'number') return schema.items === undefined ? openOr(schema) : this.#resolved(schema.items);
    const own = schema.properties?.[step];
    if (own !== undefined) return this.#resolved(own);
    if (schema['x-kubernetes-embedded-resource'] && ['apiVersion', 'kind', 'metadata'].includes(step)) return 'open';
    const more = schema.additionalProperties;
    if (typeof more === 'object') return this.#resolved(more);
    return more === true ? 'open' : openOr(schema);
  }

  /** Follows references, and puts together what is stated in parts. */
  #resolved(schema: Schema): Schema {
    let found = schema;
    for (let i = 0; i < 8; i++) {
      if (found.$ref !== undefined) {
        const { $ref, ...own } = found;
        found = { ...this.#schemas[$ref.slice($ref.lastIndexOf('/') + 1)], ...own };
      } else if (found.allOf?.length === 1) {
        const { allOf, ...own } = found;
        const { description, ...base } = this.#resolved(allOf[0]!);
        found = { ...base, description: own.description ?? description, ...own };
      } else return found;
    }
    return found;
  }

  /** The fields that may stand at a place. */
  fieldsAt(path: readonly (string | number)[]): FieldHelp[] {
    const schema = this.at(path);
    if (schema === undefined || schema === 'open') return [];
    return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
      name,
      type: this.typeText(property),
      description: this.#resolved(property).description ?? '',
      required: schema.required?.includes(name) ?? false,
    }));
  }

  /** The fields below a path of names, of which those of lists are those of their items. */
  fieldsBelow(names: readonly string[]): FieldHelp[] {
    const path: (string | number)[] = [];
    const isList = (schema: Schema | 'open' | undefined): boolean =>
      typeof schema === 'object' && schema.type === 'array';
    for (const name of names) {
      path.push(name);
      if (isList(this.at(path))) path.push(0);
    }
    return this.fieldsAt(path);
  }

  /** The values that may stand at a place, where they are few. */
  valuesAt(path: readonly (string | number)[]): string[] {
    const schema = this.at(path);
    if (schema === undefined || schema === 'open') return [];
    if (schema.enum !== undefined) return schema.enum.filter((one) => one !== '').map(String);
    return schema.type === 'boolean' ? ['true', 'false'] : [];
  }

  /** The type of a field as one says it. */
  typeText(schema: Schema): string {
    const { type, items, additionalProperties, format, ...resolved } = this.#resolved(schema);
    if (resolved['x-kubernetes-int-or-string'] || format === 'int-or-string') return 'integer or string';
    if (type === 'array') return `[]${items === undefined ? 'any' : this.typeText(items)}`;
    if (typeof additionalProperties === 'object') return `map[string]${this.typeText(additionalProperties)}`;
    if (format === 'date-time') return 'time';
    return type ?? (resolved.oneOf === undefined ? 'any' : 'one of several');
  }

  /** Whether a value may stand where a schema is; what is wrong with it otherwise. Only its own type is looked at. */
  typeProblem(schema: Schema, value: JsonValue): TypeProblem | undefined {
    if (value === null) return undefined;
    const { type, format, enum: allowed } = schema;
    if (schema['x-kubernetes-int-or-string'] || format === 'int-or-string' || schema.oneOf || schema.anyOf)
      return undefined;
    if (type !== undefined && !fits(type, value)) return { wanted: this.typeText(schema), got: typeOf(value) };
    if (allowed !== undefined && !allowed.some((one) => one === value))
      return { wanted: allowed.map(String).join(' | '), got: String(value) };
    return undefined;
  }
}

/** A value of the wrong type. */
export interface TypeProblem {
  readonly wanted: string;
  readonly got: string;
}

function openOr(schema: Schema): 'open' | undefined {
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'open';
  const says = schema.properties ?? schema.items ?? schema.additionalProperties;
  return says === undefined && (schema.type === undefined || schema.type === 'object') ? 'open' : undefined;
}

function fits(type: string, value: JsonValue): boolean {
  if (type === 'integer') return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (type === 'number') return typeof value === 'bigint' || typeof value === 'number';
  return type === typeOf(value);
}

function typeOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'integer';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

/** Where the API server has the document of a group and version. */
export function documentPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/openapi/v3/apis/${apiVersion}` : `/openapi/v3/api/${apiVersion}`;
}
