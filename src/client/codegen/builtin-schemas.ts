import { refOf, type Schema } from './schema.ts';

/** What is known of the built-in kinds: the facts of `nekube/api`. */
export interface BuiltinFacts {
  /** Components of OpenAPI, by name. */
  readonly schemas: Readonly<Record<string, Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly Gvk[] }>>;
  /** By schema and property; `''` is the schema's own. */
  readonly descriptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Served groups and versions, in the order of preference. */
  readonly groups: readonly ServedGroup[];
  /** Fields of Go structs, as `name type number flags`. */
  readonly structs: Readonly<Record<string, readonly string[]>>;
}

/** What objects of a kind say of themselves. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface ServedGroup {
  readonly group: string;
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly {
      readonly resource: string;
      readonly scope: 'Namespaced' | 'Cluster';
      readonly responseKind: { readonly kind: string };
    }[];
  }[];
}

/** Where types stand that all groups use. */
export const META = 'meta/v1';

/** The name of a schema that there is not, for an integer of any 64 bits. */
export const INT64 = 'Int64';

/** Integers of which any 64 bits are to be expected; all others are a number. */
const ALL_64_BITS = ['DeviceAttribute.int'];

/** `rbac/v1`: the first word of a group is its name, as in Go's packages. */
export function moduleOf(group: string, version: string): string {
  return `${group === '' ? 'core' : group.split('.')[0]}/${version}`;
}

/** `io.k8s.api.apps.v1.Deployment` stands in `apps/v1`, all of the API machinery in `meta/v1`. */
export function moduleOfSchema(name: string): string {
  const [, group, version] = /\.(\w+)\.(v\d\w*)\.\w+$/.exec(name) ?? [];
  return name.includes('.apimachinery.') || group === undefined ? META : `${group}/${version}`;
}

/** The last part of a schema's name. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** What an object of a schema says of itself; undefined for what is no kind of a group: parts, lists, options. */
export function gvkOf(name: string, { schemas }: BuiltinFacts): Gvk | undefined {
  const [gvk] = schemas[name]?.['x-kubernetes-group-version-kind'] ?? [];
  return gvk === undefined || moduleOfSchema(name) === META || schemas[name]!.properties?.items ? undefined : gvk;
}

/** The names of all schemas that a schema mentions. */
export function referencesOf(schema: Schema): string[] {
  const ref = refOf(schema);
  if (ref !== undefined) return [ref];
  const { properties = {}, items, additionalProperties } = schema;
  return [...Object.values(properties), items, additionalProperties].flatMap((inner) =>
    typeof inner === 'object' ? referencesOf(inner) : [],
  );
}

/** A schema with its descriptions, and with what Go's types say beyond it. */
export function preparedSchema(name: string, facts: BuiltinFacts): Schema {
  const schema = facts.schemas[name]!;
  const texts = facts.descriptions[name] ?? {};
  const properties = Object.entries(schema.properties ?? {}).map(([property, inner]): [string, Schema] => [
    property,
    {
      ...inner,
      ...(ALL_64_BITS.includes(`${shortName(name)}.${property}`) && { $ref: INT64 }),
      ...(texts[property] !== undefined && { description: texts[property] }),
    },
  ]);
  return {
    ...schema,
    ...(texts[''] !== undefined && { description: texts[''] }),
    ...(properties.length > 0 && { properties: Object.fromEntries(withNulls(properties, name, facts)) }),
    required: [...(schema.required ?? []), ...(mustHaveSpec(schema, facts) ? ['spec'] : [])],
  };
}

/** Lists and maps that may be left out, and that Go writes as `null` when there is nothing in them. */
function withNulls(
  properties: [string, Schema][],
  name: string,
  { schemas, structs }: BuiltinFacts,
): [string, Schema][] {
  const fields = (structs[`${moduleOfSchema(name)}.${shortName(name)}`] ?? []).map((line) => line.split(' '));
  const written = fields.filter(([, type = '', , flags = '']) => /^(\[\]|map)/.test(type) && !/^[ez]/.test(flags));
  const nulls = new Set(written.map(([field]) => field).filter((field) => !schemas[name]!.required?.includes(field!)));
  return properties.map(([property, inner]) => [property, nulls.has(property) ? { ...inner, nullable: true } : inner]);
}

/** A spec without which the object would be refused must be there; it always is in what a server answers. */
function mustHaveSpec({ properties }: Schema, { schemas }: BuiltinFacts): boolean {
  const spec = properties?.spec;
  const ref = spec && refOf(spec);
  return spec?.default !== undefined && ref !== undefined && (schemas[ref]?.required ?? []).length > 0;
}
