import { isJsonObject, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Subject } from './subject.ts';

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

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
  const { items } = await client.list(DEFINITION, {});
  return items.map(({ metadata }) => metadata.name ?? '').sort();
}

/** The schemas of an object's fields, by their names. */
async function schemasOf(client: Client, group: string, resource: string, version: string): Promise<JsonObject> {
  const definition = await client.get(DEFINITION, { name: `${resource}.${group}` }).catch(() => undefined);
  const versions = (definition?.spec?.versions ?? []) as readonly JsonObject[];
  const schema = versions.find(({ name }) => name === version)?.schema;
  const whole = isJsonObject(schema) ? schema.openAPIV3Schema : undefined;
  const properties = isJsonObject(whole) ? whole.properties : undefined;
  return isJsonObject(properties) ? properties : {};
}
