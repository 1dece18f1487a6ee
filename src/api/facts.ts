import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from 'nekube/apimachinery';

/** A schema as the facts hold it: a component of `/openapi/v3`, without descriptions. */
export interface SchemaFacts {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SchemaFacts>>;
  readonly required?: readonly string[];
  readonly items?: SchemaFacts;
  readonly additionalProperties?: SchemaFacts;
  readonly allOf?: readonly SchemaFacts[];
  readonly oneOf?: readonly SchemaFacts[];
  readonly $ref?: string;
  readonly default?: JsonValue;
  readonly enum?: readonly string[];
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

/** All components, and which document lists which. */
export interface OpenApiFacts {
  readonly kubernetes: string;
  /** All versions that have DeleteOptions and WatchEvent, served or not, as `group/version`. */
  readonly versions: readonly string[];
  readonly schemas: Readonly<Record<string, SchemaFacts>>;
  readonly documents: Readonly<Record<string, readonly string[]>>;
}

/** A kind that a resource or subresource answers with; empty group and version mean those of the resource. */
export interface ResponseKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A resource as aggregated discovery describes it. */
export interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind: ResponseKind;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly {
    readonly subresource: string;
    readonly responseKind: ResponseKind;
    readonly verbs: readonly string[];
  }[];
}

/** All served groups with their versions, in the order of preference. */
export interface DiscoveryFacts {
  readonly kubernetes: string;
  readonly groups: readonly {
    readonly group: string;
    readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveredResource[] }[];
  }[];
}

/** A column of a Table. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** Descriptions by schema and property; `''` is the schema's own. */
export type DescriptionFacts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Paths of all OpenAPI v3 documents; numbers are places in the pools. */
export interface PathFacts {
  readonly pools: {
    readonly parameters: readonly JsonObject[];
    readonly media: readonly (readonly string[])[];
    /** Answers as `code text`. */
    readonly codes: readonly (readonly string[])[];
  };
  /** Documents by name, such as `apis/apps/v1`. */
  readonly documents: Readonly<Record<string, Readonly<Record<string, PathItemFacts>>>>;
}

/** The operations of a path by method, and the parameters they share. */
export interface PathItemFacts {
  readonly parameters?: readonly number[];
  readonly [method: string]: OperationFacts | readonly number[] | undefined;
}

/** An operation of a path. */
export interface OperationFacts {
  readonly tag: string;
  readonly id: string;
  /** Its description. */
  readonly does: string;
  readonly action?: string;
  /** `group/version/kind`. */
  readonly kind?: string;
  readonly parameters?: readonly number[];
  /** The schema of the body, the media types it may have, and whether it must be there. */
  readonly takes?: string;
  readonly as?: number;
  readonly required?: boolean;
  /** The schema of the answer (or `string`), and its media types. */
  readonly gives: string;
  readonly in: number;
  readonly codes: number;
}

const cache = new Map<string, unknown>();

/** The parsed facts of a file in `facts/`: read at the first call, then kept. */
function load<T>(name: string): T {
  let value = cache.get(name);
  if (value === undefined) {
    value = JSON.parse(readFileSync(new URL(`./facts/${name}.json`, import.meta.url), 'utf8'));
    cache.set(name, value);
  }
  return value as T;
}

/** Component schemas of every `/openapi/v3` document. */
export const openApiFacts = (): OpenApiFacts => load('openapi-facts');

/** Served groups, versions, resources and subresources. */
export const discoveryFacts = (): DiscoveryFacts => load('discovery-facts');

/** Columns of the Table of each listable resource, by `apiVersion/resource`. */
export const tableColumnFacts = (): Readonly<Record<string, readonly ColumnFacts[]>> => load('table-columns');

/** Objects that a fresh server makes itself, by resource. */
export const bootstrapFacts = (): Readonly<Record<string, readonly JsonObject[]>> => load('bootstrap-objects');

/** Texts for `kubectl explain`. */
export const descriptionFacts = (): DescriptionFacts => load('openapi-descriptions');

/** Paths and operations of OpenAPI. */
export const pathFacts = (): PathFacts => load('openapi-paths');

/** SHA-512 of each OpenAPI v3 document, by which clients know its versions. */
export const documentHashes = (): Readonly<Record<string, string>> => load('openapi-hashes');

/** Component schemas of the built-in types by name, without descriptions. */
export const openApiSchemas = (): Readonly<Record<string, SchemaFacts>> => openApiFacts().schemas;
