import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';

/** Where a value stands: the name of its field, and that of the field around it. Items of a list have the list's. */
interface Place {
  readonly field: string;
  readonly outer: string;
  /** Inside the schema of a custom resource. */
  readonly inSchema: boolean;
}

/**
 * An object as client-node has it (a `V1Deployment`, or a literal of that form) as the API has it: dates as text, fields
 * that are called otherwise there by their names (`_continue`, `_from`, `x_kubernetes_list_type`), without those that are
 * undefined. The argument is not changed, and shares nothing with the result.
 */
export function fromClientNodeObject<T extends KubeObject = KubeObject>(object: object): T {
  return valueOf(object, { field: '', outer: '', inSchema: false }) as unknown as T;
}

function valueOf(value: unknown, place: Place): JsonValue {
  if (value instanceof Date) return timeOf(value);
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : valueOf(item, place)));
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const names = namesOf(value);
  const out: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || typeof item === 'function') continue;
    const name = names?.get(key) ?? nameOf(key, item, place);
    const inSchema = place.inSchema ? !isJson(name, place) : name === 'openAPIV3Schema';
    const made = valueOf(item, { field: name, outer: place.field, inSchema });
    // a key may be called __proto__, in a map
    Object.defineProperty(out, name, { value: made, enumerable: true, configurable: true, writable: true });
  }
  return out;
}

/** client-node's times of microseconds are dates that write themselves so; all others have whole seconds. */
function timeOf(date: Date): string {
  const text = date.toISOString();
  return /\.\d{6}Z$/.test(text) ? text : text.replace(/\.\d+Z$/, 'Z');
}

/** The names of an object's fields in the API, if it is of a class that knows them. */
function namesOf(value: object): ReadonlyMap<string, string> | undefined {
  const { attributeTypeMap } = value.constructor as { attributeTypeMap?: { name: string; baseName: string }[] };
  return Array.isArray(attributeTypeMap)
    ? new Map(attributeTypeMap.map(({ name, baseName }) => [name, baseName]))
    : undefined;
}

/** Fields of schemas whose keys are names that somebody chose. */
const NAMED_SCHEMAS = ['properties', 'patternProperties', 'definitions', 'dependencies'];

/** A field of a schema that holds any JSON. */
function isJson(name: string, { field }: Place): boolean {
  return !NAMED_SCHEMAS.includes(field) && ['default', 'example', 'enum'].includes(name);
}

/** A field's name in the API, in a literal: only where it can be no key of a map. */
function nameOf(key: string, item: unknown, { field, outer, inSchema }: Place): string {
  if (inSchema) {
    if (NAMED_SCHEMAS.includes(field)) return key;
    if (key === '_default' || key === '_enum') return key.slice(1);
    if ((key === 'ref' || key === 'schema') && typeof item === 'string') return `$${key}`;
    return key.startsWith('x_kubernetes_') ? key.replaceAll('_', '-') : key;
  }
  const isRenamed =
    (key === '_continue' && field === 'metadata') ||
    (key === '_from' && field === 'ingress') ||
    (key === '_default' && (field === 'limits' || field === 'requestPolicy')) ||
    (key === '_int' && outer === 'attributes');
  return isRenamed ? key.slice(1) : key;
}
