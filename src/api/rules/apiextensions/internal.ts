import { jsonEqual, type KubeObject } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/**
 * A definition in the form in which kube-apiserver validates it: what is the same in all versions stands at the top,
 * so that errors about a definition with one version name `spec.validation` and not `spec.versions[0].schema`.
 */
export interface InternalDefinition {
  readonly object: KubeObject;
  readonly versions: readonly Loose[];
  /** The schemas of all versions, if they are equal: `{openAPIV3Schema}`. */
  readonly validation: Loose;
  readonly subresources: Loose;
  readonly additionalPrinterColumns: Loose;
  readonly selectableFields: Loose;
}

const perVersion = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

/** Brings a v1 definition into that form; nothing is copied deeply. */
export function internalDefinition(object: KubeObject): InternalDefinition {
  const versions: Loose[] = object.spec?.versions ?? [];
  const shared: Record<string, Loose> = {};
  for (const field of perVersion) {
    const first = versions[0]?.[field];
    const same = versions.every((version) => jsonEqual(version[field] ?? null, first ?? null));
    if (versions.length > 0 && same) shared[field] = first ?? null;
  }
  const own = versions.map((version) => ({
    ...version,
    ...Object.fromEntries(Object.keys(shared).map((f) => [f, undefined])),
  }));
  const { schema: validation, subresources, additionalPrinterColumns, selectableFields } = shared;
  return { object, versions: own, validation, subresources, additionalPrinterColumns, selectableFields };
}

/** All schemas of a definition. */
export function schemasOf(definition: InternalDefinition): Loose[] {
  const holders = [definition.validation, ...definition.versions.map(({ schema }) => schema)];
  return holders.map((holder) => holder?.openAPIV3Schema).filter((schema) => schema);
}

/** A schema and all schemas in it, parents first, as kube-apiserver walks them. */
export function* walkSchema(schema: Loose): Generator<Loose> {
  if (typeof schema !== 'object' || schema === null) return;
  yield schema;
  const lists = [schema.items, schema.allOf, schema.anyOf, schema.oneOf, schema.not].flat();
  const maps = [schema.properties, schema.patternProperties, schema.definitions, schema.dependencies];
  for (const part of lists) yield* walkSchema(part);
  for (const part of Object.values(schema.properties ?? {})) yield* walkSchema(part);
  yield* walkSchema(schema.additionalProperties);
  for (const map of maps.slice(1))
    for (const part of Object.values(map ?? {})) if (!Array.isArray(part)) yield* walkSchema(part);
  yield* walkSchema(schema.additionalItems);
}
