import { createHash } from 'node:crypto';
import type { CustomSwagger } from 'nekube/api';
import type { JsonObject } from 'nekube/apimachinery';
import type { Backend } from '../connect/backend.ts';
import { type RemoteApiService, servedPath } from './api-service.ts';
import { askApi } from './ask-api.ts';

/** The OpenAPI documents of a remote API. */
export interface RemoteDocuments {
  /** Another one, if they are others. */
  readonly stamp: string;
  /** Where documents of version 3 are, by their paths, with the hash that the server gives them. */
  readonly index: ReadonlyMap<string, JsonObject>;
  /** What the document of version 2 has of the API. */
  readonly swagger: CustomSwagger | undefined;
}

/** A server that has none. */
export const NO_DOCUMENTS: RemoteDocuments = { stamp: '', index: new Map(), swagger: undefined };

const V2 = 'application/json';

/** What the server tells of its API; `before`, if that is the same. A server that tells nothing is no failure. */
export async function readDocuments(
  before: RemoteDocuments,
  service: RemoteApiService,
  { place, signal }: { readonly place: Backend; readonly signal: AbortSignal },
): Promise<RemoteDocuments> {
  try {
    const root = await askApi(place, '/openapi/v3', { accept: 'application/json', signal });
    const isThere = root.code === 200;
    const stamp = isThere ? createHash('sha256').update(root.body).digest('hex') : '';
    if (isThere && stamp === before.stamp) return before;
    const plain = await askApi(place, '/openapi/v2', { accept: V2, signal });
    const index = isThere ? ((JSON.parse(root.body.toString()) as JsonObject).paths as JsonObject) : {};
    return {
      stamp: isThere ? stamp : createHash('sha256').update(plain.body).digest('hex'),
      index: new Map(Object.entries(index ?? {}) as [string, JsonObject][]),
      swagger:
        plain.code === 200 ? partOf(JSON.parse(plain.body.toString()) as JsonObject, servedPath(service)) : undefined,
    };
  } catch {
    return NO_DOCUMENTS;
  }
}

/** The paths of an API, and all definitions: those that it does not need are of no harm. */
export function partOf(document: JsonObject, prefix: string): CustomSwagger {
  const all = Object.entries((document.paths ?? {}) as JsonObject);
  const paths = Object.fromEntries(all.filter(([path]) => path.startsWith(`${prefix}/`)));
  return { paths, definitions: (document.definitions ?? {}) as JsonObject };
}
