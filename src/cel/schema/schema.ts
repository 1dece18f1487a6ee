import type { JsonValue } from 'nekube/apimachinery';

/** What matters here of a schema: a structural one of a definition, or one of OpenAPI with its references resolved. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

const TEXT: Schema = { type: 'string' };

/** The schema with what expressions see of every object: kind, apiVersion, and name and generateName in metadata. */
export function withTypeAndObjectMeta(schema: Schema): Schema {
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const names = metadata?.type === 'object' ? metadata.properties : undefined;
  const all = [kind, apiVersion, names?.['name'], names?.['generateName']];
  if (all.every((property) => property?.type === 'string')) return schema;
  const meta: Schema = { type: 'object', properties: { name: TEXT, generateName: TEXT } };
  return { ...schema, properties: { ...schema.properties, kind: TEXT, apiVersion: TEXT, metadata: meta } };
}

/** The schema of the values of a map; undefined for an object with properties of its own, or without a schema. */
export function valueSchema({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
