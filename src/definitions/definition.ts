import type { JsonObject, KubeObject } from 'nekube/apimachinery';

/** What a CustomResourceDefinition is made of. */
export interface Definition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** What an object of it is: a sentence, the first that `kubectl explain` says. */
  readonly description: string;
  /** Its description says what stands there; absent: what is asked for. */
  readonly spec: JsonObject;
  /** A subresource; absent: objects have none. Its description as that of `spec`. */
  readonly status?: JsonObject;
  readonly columns: readonly JsonObject[];
  /** Fields that field selectors may name, as JSON paths. */
  readonly selectable?: readonly string[];
  /** Rules over whole objects. */
  readonly rules?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The CustomResourceDefinition of a kind with one version. */
export function definitionOf(definition: Definition): KubeObject {
  const { group, scope, kind, plural, shortNames = [], categories = [], labels } = definition;
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(labels && { labels: { ...labels } }) },
    spec: {
      group,
      scope,
      names: {
        ...names,
        ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
        ...(categories.length > 0 && { categories: [...categories] }),
      },
      versions: [versionOf(definition)],
    },
  };
}

function versionOf(definition: Definition): JsonObject {
  const { version, description, spec, status, columns, selectable = [], rules = {} } = definition;
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { description: 'What is asked for.', ...spec },
    ...(status && { status: { description: 'What was seen and done.', ...status } }),
  };
  return {
    name: version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', description, properties, required: ['spec'], ...rules } },
    ...(status && { subresources: { status: {} } }),
    ...(selectable.length > 0 && { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) }),
    additionalPrinterColumns: [...columns],
  };
}

/** A column of `kubectl get`. */
export function column(name: string, jsonPath: string, more: JsonObject = {}): JsonObject {
  return { name, type: 'string', jsonPath, ...more };
}
