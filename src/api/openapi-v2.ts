import { createHash } from 'node:crypto';
import { encodeGnostic } from './openapi/gnostic.ts';
import { swaggerDocument } from './openapi/swagger.ts';

/** The answer of `GET /openapi/v2` in its forms, made at the first call and kept. */
export interface OpenApiV2 {
  json(): Uint8Array;
  /** The `openapi.v2.Document` message of gnostic, which kubectl asks for. */
  protobuf(): Uint8Array;
  /** Quoted entity tag of both forms. */
  etag(): string;
}

let json: Buffer | undefined;
let protobuf: Buffer | undefined;
let etag: string | undefined;

const builtin: OpenApiV2 = {
  json() {
    json ??= Buffer.from(JSON.stringify(swaggerDocument())); // here Go does not escape for HTML
    return json;
  },
  protobuf() {
    protobuf ??= encodeGnostic(swaggerDocument());
    return protobuf;
  },
  etag() {
    etag ??= `"${createHash('sha512').update(this.json()).digest('hex').toUpperCase()}"`;
    return etag;
  },
};

/** The Swagger document of the built-in API. */
export function builtinOpenApiV2(): OpenApiV2 {
  return builtin;
}
