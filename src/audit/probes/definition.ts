import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { exampleOf } from './spec-variants.ts';
import type { Subject } from './subject.ts';

/** Of definitions of kinds. */
export const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/** How a sample's kind is served, and the schemas of its spec and status. @throws NoMatchError: the kind is not served */
export async function servedSubject(client: Client, sample: KubeObject): Promise<Subject> {
  const { apiVersion = '', kind = '' } = sample;
  const served = await client.served({ apiVersion, kind });
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  const version = apiVersion.split('/').at(-1)!;
  const { spec: schema, status } = await schemasOf(client, group, served.resource, version);
  return {
    group,
    resource: served.resource,
    version,
    isNamespaced: served.namespaced,
    sample,
    ...(isJsonObject(schema) && { schema }),
    ...(isJsonObject(status) && { statusSchema: status }),
  };
}

/** All kinds that are defined, as in `shops.shop.example`. */
export async function definedKinds(client: Client): Promise<readonly string[]> {
  return (await definitionsOn(client)).map(({ metadata }) => metadata.name ?? '').sort();
}

/** All definitions of kinds. */
export async function definitionsOn(client: Client): Promise<readonly KubeObject[]> {
  return (await client.list(DEFINITION, {})).items;
}

/** Whether an object defines a kind. */
export function isDefinition({ kind }: KubeObject): boolean {
  return kind === DEFINITION.kind;
}

/** Whether an object is of the kind that a definition defines. */
export function isOfDefinition({ apiVersion = '', kind }: KubeObject, { spec }: KubeObject): boolean {
  return kind === spec?.names?.kind && apiVersion.split('/')[0] === spec?.group;
}

/** A resource with all that the schema of its definition allows; undefined: no version is served. */
export function sampleOfDefinition({ spec }: KubeObject): KubeObject | undefined {
  const versions = ((spec?.versions ?? []) as readonly JsonObject[]).filter(({ served }) => served !== false);
  const version = versions.find(({ storage }) => storage === true) ?? versions[0];
  if (version === undefined) return undefined;
  const { spec: schema } = propertiesIn(version.schema);
  return {
    apiVersion: `${spec?.group}/${String(version.name)}`,
    kind: String(spec?.names?.kind),
    metadata: { name: 'sample' },
    ...(isJsonObject(schema) && { spec: exampleOf(schema) }),
  };
}

/** The schema of the spec of a resource, by the definition of its kind; undefined: that says nothing. */
export function specSchemaOf({ apiVersion = '' }: KubeObject, { spec }: KubeObject): JsonObject | undefined {
  const versions = (spec?.versions ?? []) as readonly JsonObject[];
  const { spec: schema } = propertiesIn(versions.find(({ name }) => name === apiVersion.split('/')[1])?.schema);
  return isJsonObject(schema) ? schema : undefined;
}

/** The schemas of an object's fields, by their names. */
async function schemasOf(client: Client, group: string, resource: string, version: string): Promise<JsonObject> {
  const definition = await client.get(DEFINITION, { name: `${resource}.${group}` }).catch(() => undefined);
  const versions = (definition?.spec?.versions ?? []) as readonly JsonObject[];
  return propertiesIn(versions.find(({ name }) => name === version)?.schema);
}

function propertiesIn(schema: JsonValue | undefined): JsonObject {
  const whole = isJsonObject(schema) ? schema.openAPIV3Schema : undefined;
  const properties = isJsonObject(whole) ? whole.properties : undefined;
  return isJsonObject(properties) ? properties : {};
}
