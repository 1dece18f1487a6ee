import type { JsonObject } from 'nekube/apimachinery';
import { KEP_KIND, type Kep, kepObject } from 'nekube/kep';

/** KEPs as a list of resources. */
export function kepList(keps: readonly Kep[]): JsonObject {
  return { apiVersion: KEP_KIND.apiVersion, kind: 'KepList', metadata: {}, items: keps.map(kepObject) };
}
