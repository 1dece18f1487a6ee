import type { JsonValue } from 'nekube/apimachinery';

/**
 * What the generator reads of a schema: OpenAPI v3 as custom resource definitions have it (structural), or as the
 * components of `/openapi/v3` have it, with `$ref`.
 */
export interface Schema {
  readonly description?: string;
  /** Why it should not be used any more; no keyword of OpenAPI's. */
  readonly deprecation?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly enum?: readonly JsonValue[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

/** The name behind `#/components/schemas/`; also of a reference with a description or default around it. */
export function refOf(schema: Schema): string | undefined {
  const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]!.$ref : undefined);
  return ref?.slice(ref.lastIndexOf('/') + 1);
}
