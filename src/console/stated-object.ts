import { isJsonObject, type JsonObject, type JsonValue, newBadRequest, parseApiVersion } from 'nekube/apimachinery';
import type { Configuration } from 'nekube/ownership';

/** More than any object that a cluster keeps is nested; what is done with an object here goes as deep into it. */
const MOST_DEPTH = 1000;

/**
 * An object that a page states, of which it is sure that its metadata has the types that metadata has: what is done with it
 * takes its names for texts, and for parts of a path.
 *
 * @param place where it stands in what was sent, as `object`
 * @throws StatusError `BadRequest` that names the field
 */
export function statedObject(value: JsonValue | undefined, place: string): Configuration {
  if (!isJsonObject(value)) throw newBadRequest(`${place} must be an object with apiVersion, kind and metadata`);
  const { apiVersion, kind, metadata } = value;
  const wrong = typeProblem(apiVersion, kind) ?? (isJsonObject(metadata) ? metadataProblem(metadata) : NO_METADATA);
  if (wrong !== undefined) throw newBadRequest(`${place}.${wrong}`);
  if (isDeeperThan(value, MOST_DEPTH)) throw newBadRequest(`${place} must not be nested deeper than ${MOST_DEPTH}`);
  return value as unknown as Configuration;
}

/** As {@link statedObject}; and it has a name. @throws StatusError `BadRequest` that names the field */
export function namedObject(value: JsonValue | undefined, place: string): Configuration {
  const object = statedObject(value, place);
  if (isAbsent(object.metadata.name as JsonValue | undefined))
    throw newBadRequest(`${place}.metadata.name must be there: what is applied is known by it`);
  return object;
}

/** What is wrong with a text that is to be a part of a path: a name, a namespace. */
export function nameProblem(name: JsonValue): string | undefined {
  if (typeof name !== 'string' || name === '') return 'must be a text';
  return name === '.' || name === '..' || /[/%]/.test(name)
    ? 'must be a name: without / and %, and not . or ..'
    : undefined;
}

const NO_METADATA = 'metadata must be there, as an object';
const NAMES = ['name', 'namespace'];
const TEXTS = ['generateName', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'selfLink'];
const MAPS = ['labels', 'annotations'];

function typeProblem(apiVersion: JsonValue | undefined, kind: JsonValue | undefined): string | undefined {
  const isVersion = typeof apiVersion === 'string' && /^[^/]/.test(apiVersion) && parseApiVersion(apiVersion);
  if (!isVersion) return 'apiVersion must be there, as VERSION or GROUP/VERSION';
  return typeof kind === 'string' && kind !== '' ? undefined : 'kind must be there, as a text';
}

function metadataProblem(metadata: JsonObject): string | undefined {
  for (const [field, value] of Object.entries(metadata)) {
    if (isAbsent(value)) continue;
    const wrong = fieldProblem(field, value);
    if (wrong !== undefined) return `metadata.${field}${wrong}`;
  }
  return undefined;
}

/** What follows the name of the field. */
function fieldProblem(field: string, value: JsonValue): string | undefined {
  if (NAMES.includes(field)) return spaced(nameProblem(value));
  if (TEXTS.includes(field)) return typeof value === 'string' ? undefined : ' must be a text';
  if (MAPS.includes(field)) return mapProblem(value);
  if (field === 'ownerReferences') return listProblem(value, isJsonObject, 'objects');
  if (field === 'finalizers') return listProblem(value, (one) => typeof one === 'string', 'texts');
  return undefined;
}

function spaced(problem: string | undefined): string | undefined {
  return problem && ` ${problem}`;
}

function mapProblem(map: JsonValue): string | undefined {
  if (!isJsonObject(map)) return ' must be an object of texts';
  const key = Object.keys(map).find((one) => typeof map[one] !== 'string');
  return key === undefined ? undefined : `[${JSON.stringify(key)}] must be a text`;
}

function listProblem(list: JsonValue, isOne: (value: JsonValue) => boolean, what: string): string | undefined {
  return Array.isArray(list) && list.every(isOne) ? undefined : ` must be a list of ${what}`;
}

/** As for Kubernetes null says no more than nothing. */
function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null;
}

/** Without recursion, which is what this is to protect. */
function isDeeperThan(value: JsonValue, most: number): boolean {
  let level: JsonValue[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
