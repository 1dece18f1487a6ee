import { createHash } from 'node:crypto';
import { type JsonObject, stringifyJson } from 'nekube/apimachinery';
import { documentHashes, openApiFacts } from './facts.ts';
import { pathItems } from './openapi/paths.ts';
import { describedSchema } from './openapi/schemas.ts';

/** A document of `/openapi/v3`: `path` is `api/v1` or `apis/GROUP/VERSION`. */
export interface OpenApiV3Document {
  readonly path: string;
  /** The JSON text, made at the first call and kept. */
  bytes(): Uint8Array;
  /** Upper-case hex SHA-512 of the bytes, by which the index names a version of the document. */
  hash(): string;
}

/** The answer of `GET /openapi/v3`: where each document is, with its hash. Of `others` those count that have another path. */
export function openApiV3Index(documents: Iterable<OpenApiV3Document>, others: JsonObject = {}): JsonObject {
  const entries = [...documents].map((document): [string, JsonObject] => [
    document.path,
    { serverRelativeURL: `/openapi/v3/${document.path}?hash=${document.hash()}` },
  ]);
  const all = Object.entries({ ...others, ...Object.fromEntries(entries) });
  return { paths: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

let builtin: ReadonlyMap<string, OpenApiV3Document> | undefined;

/** The built-in documents by path: of the group versions and of the other endpoints (`version`, `api`, …). */
export function builtinOpenApiV3(): ReadonlyMap<string, OpenApiV3Document> {
  builtin ??= new Map(
    // the hashes are facts too, so that the index does not need the documents
    Object.entries(documentHashes()).map(([path, hash]) => [
      path,
      openApiV3Document(path, () => contentOf(path), hash),
    ]),
  );
  return builtin;
}

/** A document whose content is made when it is first asked for. */
export function openApiV3Document(path: string, content: () => JsonObject, knownHash?: string): OpenApiV3Document {
  let bytes: Buffer | undefined;
  let hash = knownHash;
  return {
    path,
    bytes() {
      bytes ??= Buffer.from(stringifyJson(content()));
      return bytes;
    },
    hash() {
      hash ??= createHash('sha512').update(this.bytes()).digest('hex').toUpperCase();
      return hash;
    },
  };
}

const securitySchemes = {
  BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
};

function contentOf(path: string): JsonObject {
  const names = openApiFacts().documents[path] ?? [];
  const groupVersion = path.replace(/^apis?\//, '');
  const schemas = Object.fromEntries(names.map((name) => [name, describedSchema(name, groupVersion)]));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: openApiFacts().kubernetes.replace(/^v(\d+\.\d+).*/, '$1') },
    paths: pathItems(path),
    components: { ...(names.length > 0 && { schemas }), securitySchemes },
  };
}
