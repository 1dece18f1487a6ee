import { type SchemaFacts, smdTypeOfSchema } from 'nekube/api';
import { isJsonObject, isStatusError, type JsonObject, type JsonValue, parseApiVersion } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { deducedType, ParseableType, Schema } from 'nekube/smd';

/** By what type the fields of a kind's objects are owned and merged. */
export interface ObjectType {
  readonly type: ParseableType;
  /** Why the type is a guess: every map granular, every list atomic; undefined when it is the cluster's own. */
  readonly note?: string;
}

/**
 * The types of the kinds that a cluster serves, as its OpenAPI v3 documents state them: which lists have keys or are sets,
 * what is atomic, what a key field defaults to. One request for each group and version, at the first kind of it.
 *
 * A kind that is not in the document of its version is looked for again the next time: its definition may be new.
 */
export class ObjectTypes {
  readonly #client: Client;
  readonly #documents = new Map<string, Promise<Schemas | undefined>>();
  readonly #types = new Map<string, ObjectType>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The type of a kind; a guess, with a note, where the cluster does not state it. */
  async of(kind: Kind, signal?: AbortSignal): Promise<ObjectType> {
    const name = `${kind.apiVersion} ${kind.kind}`;
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const found = typeOfKind((await this.#document(kind.apiVersion, signal)) ?? {}, kind);
    if (found === undefined) {
      this.forget(kind.apiVersion);
      return { type: deducedType, note: `the cluster has no OpenAPI schema of ${kind.kind} in ${kind.apiVersion}` };
    }
    const type = { type: found };
    this.#types.set(name, type);
    return type;
  }

  /** Forgets the kinds of a version, whose definitions may have changed. */
  forget(apiVersion: string): void {
    this.#documents.delete(apiVersion);
    for (const name of this.#types.keys()) if (name.startsWith(`${apiVersion} `)) this.#types.delete(name);
  }

  #document(apiVersion: string, signal: AbortSignal | undefined): Promise<Schemas | undefined> {
    let document = this.#documents.get(apiVersion);
    if (document === undefined) {
      document = readSchemas(this.#client, apiVersion, signal);
      // what failed is asked for again
      document.catch(() => this.#documents.delete(apiVersion));
      this.#documents.set(apiVersion, document);
    }
    return document;
  }
}

const typesOfClients = new WeakMap<object, ObjectTypes>();

/** The types of a client's cluster, which all that use the same connection share. */
export function objectTypesOf(client: Client): ObjectTypes {
  let types = typesOfClients.get(client.transport);
  if (types === undefined) typesOfClients.set(client.transport, (types = new ObjectTypes(client)));
  return types;
}

type Schemas = Readonly<Record<string, JsonObject>>;

/** Undefined where the server has no such document, or none at all: OpenAPI v3 may be off. */
async function readSchemas(client: Client, apiVersion: string, signal?: AbortSignal): Promise<Schemas | undefined> {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion };
  const path = group === '' ? `/openapi/v3/api/${version}` : `/openapi/v3/apis/${group}/${version}`;
  const headers = { accept: 'application/json' };
  try {
    return schemasIn(await client.raw({ method: 'GET', path, headers, ...(signal && { signal }) }));
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden')) return undefined;
    throw error;
  }
}

function schemasIn(document: JsonValue): Schemas | undefined {
  const components = isJsonObject(document) ? document.components : undefined;
  const schemas = isJsonObject(components) ? components.schemas : undefined;
  return isJsonObject(schemas) ? (schemas as Record<string, JsonObject>) : undefined;
}

function typeOfKind(schemas: Schemas, { apiVersion, kind }: Kind): ParseableType | undefined {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion };
  const name = Object.keys(schemas).find((one) =>
    kindsIn(schemas[one]!).some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind),
  );
  if (name === undefined) return undefined;
  const { schema, typeName } = smdTypeOfSchema(name, schemas as Readonly<Record<string, SchemaFacts>>)!;
  return new ParseableType(new Schema(schema).type(typeName));
}

/** A model says itself which kinds it is of. */
function kindsIn(schema: JsonObject): JsonObject[] {
  const kinds = schema['x-kubernetes-group-version-kind'];
  return Array.isArray(kinds) ? kinds.filter(isJsonObject) : [];
}
