import { customResourceDefinitionRules, decodeObject, typeOf } from 'nekube/api';
import { isJsonObject, type JsonValue, type KubeObject, ParseError } from 'nekube/apimachinery';
import type { Schema } from './schema.ts';

/** What the generator needs of a definition of custom resources. */
export interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** The served ones, in the order of the definition. */
  readonly versions: readonly DefinedVersion[];
}

/** A version of a definition. */
export interface DefinedVersion {
  readonly name: string;
  readonly schema: Schema;
  readonly hasStatus: boolean;
  /** Told to those who use it; undefined for one that is not deprecated. */
  readonly deprecation: string | undefined;
}

const API_VERSION = 'apiextensions.k8s.io/v1';
const KIND = 'CustomResourceDefinition';
const rules = customResourceDefinitionRules();

/** Whether a document is a definition of custom resources, in whatever version. */
export function isDefinition(document: JsonValue): boolean {
  return (
    isJsonObject(document) && document.kind === KIND && String(document.apiVersion).startsWith('apiextensions.k8s.io/')
  );
}

/**
 * Reads a definition, which must be one that an API server takes (its rules in CEL are not compiled).
 *
 * @throws ParseError with the path of what is wrong, in the words of the API server
 */
export function readDefinition(document: JsonValue): Definition {
  if (!isDefinition(document)) throw new ParseError(`must be a ${KIND}`, { path: 'kind' });
  const { apiVersion } = document as KubeObject;
  if (apiVersion !== API_VERSION) {
    throw new ParseError(`Unsupported value: "${apiVersion}": supported values: "${API_VERSION}"`, {
      path: 'apiVersion',
    });
  }
  const { spec } = checked(document);
  const served = (spec.versions as Loose[]).filter((version) => version.served);
  return {
    group: spec.group,
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope === 'Namespaced',
    versions: served.map((version) => ({
      name: version.name,
      schema: version.schema.openAPIV3Schema,
      hasStatus: version.subresources?.status !== undefined,
      deprecation: version.deprecated ? (version.deprecationWarning ?? 'this version is deprecated') : undefined,
    })),
  };
}

type Loose = KubeObject[string];

function checked(document: JsonValue): KubeObject {
  const object = decoded(document);
  rules.defaults!['*']!(object);
  const [first] = rules.validate!(object);
  if (first !== undefined) throw new ParseError(first.message, { path: first.field });
  return object;
}

function decoded(document: JsonValue): KubeObject {
  try {
    return decodeObject(typeOf(API_VERSION, KIND)!, document).object;
  } catch (error) {
    // Go's decoder names the path in its message
    throw new ParseError((error as Error).message, {}, { cause: error });
  }
}
