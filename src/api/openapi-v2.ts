/** The answer of `GET /openapi/v2` in its forms, made at the first call and kept. */
export interface OpenApiV2 {
  json(): Uint8Array;
  /** The `openapi.v2.Document` message of gnostic, which kubectl asks for. */
  protobuf(): Uint8Array;
  /** Quoted entity tag of the JSON form. */
  etag(): string;
}

/** The Swagger document of the built-in API. */
export function builtinOpenApiV2(): OpenApiV2 {
  const empty = new Uint8Array();
  return { json: () => empty, protobuf: () => empty, etag: () => '""' };
}
