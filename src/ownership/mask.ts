import { isJsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';

/** What stands in place of what is not to be read, as `kubectl diff` has it. */
export const MASKED = '***';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The object as it may be shown: of a Secret the values of `data` and `stringData` are masked, and the annotation in
 * which `kubectl apply` keeps a copy of them. Other objects are returned as they are.
 */
export function maskSecret<T extends KubeObject>(object: T): T {
  if (object.apiVersion !== 'v1' || object.kind !== 'Secret') return object;
  const masked: Record<string, unknown> = { ...object };
  for (const field of ['data', 'stringData']) {
    if (Object.hasOwn(masked, field)) masked[field] = maskValues(masked[field] as JsonValue);
  }
  const { annotations } = object.metadata;
  if (isJsonObject(annotations) && Object.hasOwn(annotations, LAST_APPLIED)) {
    masked.metadata = { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: MASKED } };
  }
  return masked as T;
}

function maskValues(values: JsonValue): JsonValue {
  if (!isJsonObject(values)) return MASKED;
  // not by assignment, by which `__proto__`, a good name of a value, would be no field
  return Object.fromEntries(Object.keys(values).map((name) => [name, MASKED]));
}
