import type { JsonObject } from 'nekube/apimachinery';

/** A document of `/openapi/v3`: `path` is `api/v1` or `apis/GROUP/VERSION`. */
export interface OpenApiV3Document {
  readonly path: string;
  /** The JSON text, made at the first call and kept. */
  bytes(): Uint8Array;
  /** Upper-case hex SHA-512 of the bytes, by which the index names a version of the document. */
  hash(): string;
}

/** The answer of `GET /openapi/v3`: where each document is, with its hash. */
export function openApiV3Index(documents: Iterable<OpenApiV3Document>): JsonObject {
  const entries = [...documents].map(({ path, hash }): [string, JsonObject] => [
    path,
    { serverRelativeURL: `/openapi/v3/${path}?hash=${hash()}` },
  ]);
  return { paths: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The built-in documents by path, of the group versions and of the other endpoints (`version`, `api`, …). */
export function builtinOpenApiV3(): ReadonlyMap<string, OpenApiV3Document> {
  return new Map();
}
