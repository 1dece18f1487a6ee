import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { descriptionFacts, openApiFacts, type SchemaFacts } from '../facts.ts';

/** Kinds that all groups have, of which a document names only those of its own group version and of the core. */
const shared = /\.meta\.v1\.(DeleteOptions|WatchEvent)$/;

/**
 * A component with its descriptions, as the document of a group version has it.
 *
 * @param groupVersion `apps/v1`, or `v1` for the core group; without one it is that of custom resources, which names kinds of
 *   all groups that clients have
 */
export function describedSchema(name: string, groupVersion?: string): JsonObject {
  const schema = withDescriptions(openApiFacts().schemas[name]!, descriptionFacts()[name] ?? {});
  const kind = shared.exec(name)?.[1];
  if (kind === undefined) return schema;
  if (groupVersion === undefined)
    return { ...schema, 'x-kubernetes-group-version-kind': kindInAllGroups(kind).filter(isClients) };
  const kinds = schema['x-kubernetes-group-version-kind'] as JsonObject[];
  const own = kinds.filter(({ group, version }) => group === '' || `${group}/${version}` === groupVersion);
  return { ...schema, 'x-kubernetes-group-version-kind': own };
}

/** The schema with descriptions in front, its own and those of its properties. */
export function withDescriptions(schema: SchemaFacts, texts: Readonly<Record<string, string>>): JsonObject {
  const out = described(schema, texts['']);
  if (schema.properties === undefined) return out;
  const properties = Object.entries(schema.properties).map(([name, property]): [string, JsonValue] => [
    name,
    described(property, texts[name]),
  ]);
  return { ...out, properties: Object.fromEntries(properties) };
}

function described(schema: SchemaFacts, description: string | undefined): JsonObject {
  const bare = schema as unknown as JsonObject;
  return description === undefined ? { ...bare } : { description, ...bare };
}

/** A kind that all groups have, in each version of each of them. */
export function kindInAllGroups(kind: string): JsonObject[] {
  return openApiFacts().versions.map((name) => {
    const [group, version] = name.split('/') as [string, string];
    return { group, kind, version };
  });
}

/** Groups whose kinds are made by servers, for servers. */
const serverGroups = ['admission.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'imagepolicy.k8s.io'];

function isClients({ group }: JsonObject): boolean {
  return !serverGroups.includes(group as string);
}
