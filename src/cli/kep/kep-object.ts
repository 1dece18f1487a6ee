import type { JsonObject } from 'nekube/apimachinery';
import type { Kep } from 'nekube/kep';

const API_VERSION = 'keps.nekube.dev/v1alpha1';

/** A KEP as the resource that it is on a server. */
export function kepObject({ name, ...spec }: Kep): JsonObject {
  return { apiVersion: API_VERSION, kind: 'Kep', metadata: { name }, spec: spec as unknown as JsonObject };
}

/** KEPs as a list of resources. */
export function kepList(keps: readonly Kep[]): JsonObject {
  return { apiVersion: API_VERSION, kind: 'KepList', metadata: {}, items: keps.map(kepObject) };
}
