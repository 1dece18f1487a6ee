import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { fieldElement, type FieldPath, type PathElement } from 'nekube/smd';
import { Claims } from './claims.ts';
import type { Owner } from './owners.ts';

/** What the server writes into metadata, and nobody ever owns. */
const OF_THE_SERVER = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/**
 * The fields of an object that nobody owns: mostly defaults of the server, or what was left when managedFields were reset.
 * A list of nobody is one field. What an object is and what is the server's in metadata does not count, and neither does
 * the status.
 */
export function unownedFields(object: KubeObject, owners: readonly Owner[]): FieldPath[] {
  const { apiVersion: _, kind: __, status: ___, metadata, ...rest } = object as unknown as JsonObject;
  const own = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(([name]) => !OF_THE_SERVER.has(name));
  const found: FieldPath[] = [];
  const shown = own.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(own) };
  search(shown, Claims.of(owners), [], found);
  return found;
}

/** What is nested deeper is one field. */
const MOST_DEEP = 500;

function search(value: JsonValue, claims: Claims, path: FieldPath, found: FieldPath[]): void {
  const owned = claims.owners.length > 0;
  if (owned && claims.whole) return;
  const isDeep = path.length >= MOST_DEEP;
  if (!isDeep)
    for (const [element, one, below] of partsOf(value, claims)) search(one, below, [...path, element], found);
  if (!owned && path.length > 0 && (isDeep || !isDescended(value, claims))) found.push(path);
}

/** True of what is looked into for fields of nobody, instead of being one. */
function isDescended(value: JsonValue, claims: Claims): boolean {
  if (Array.isArray(value)) return value.length > 0 && !claims.whole;
  return isJsonObject(value) && (Object.keys(value).length > 0 || !claims.whole);
}

function partsOf(value: JsonValue, claims: Claims): (readonly [PathElement, JsonValue, Claims])[] {
  if (!isDescended(value, claims)) return [];
  if (Array.isArray(value)) {
    return value.map((one, i) => {
      const { element, claims: below } = claims.item(i, one);
      return [element, one, below] as const;
    });
  }
  return Object.entries(value as JsonObject).map(
    ([name, one]) => [fieldElement(name), one, claims.field(name)] as const,
  );
}
