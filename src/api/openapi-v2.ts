import { createHash } from 'node:crypto';
import type { JsonObject } from 'nekube/apimachinery';
import { encodeGnostic } from './openapi/gnostic.ts';
import { mergedSwagger, swaggerDocument } from './openapi/swagger.ts';

/** The answer of `GET /openapi/v2` in its forms, each made at the first call and kept. */
export interface OpenApiV2 {
  json(): Uint8Array;
  /** The `openapi.v2.Document` message of gnostic, which kubectl asks for. */
  protobuf(): Uint8Array;
  /** Quoted entity tag of both forms. */
  etag(): string;
}

/** What custom resources add to the Swagger document, by path and by the name of a schema. */
export interface CustomSwagger {
  readonly paths: JsonObject;
  readonly definitions: JsonObject;
}

const builtin = documentFrom(swaggerDocument);

/** The Swagger document of the built-in API. */
export function builtinOpenApiV2(): OpenApiV2 {
  return builtin;
}

/** The Swagger document of the built-in API and of custom resources, which `custom` tells when they are asked for. */
export function openApiV2With(custom: () => CustomSwagger): OpenApiV2 {
  return documentFrom(() => mergedSwagger(custom()));
}

/** Keeps the bytes and not the document, which is many times as large. */
function documentFrom(make: () => JsonObject): OpenApiV2 {
  let json: Buffer | undefined;
  let protobuf: Buffer | undefined;
  let etag: string | undefined;
  return {
    json() {
      json ??= Buffer.from(JSON.stringify(make())); // here Go does not escape for HTML
      return json;
    },
    protobuf() {
      protobuf ??= encodeGnostic(make());
      return protobuf;
    },
    etag() {
      etag ??= `"${createHash('sha512').update(this.json()).digest('hex').toUpperCase()}"`;
      return etag;
    },
  };
}
