import { isJsonObject, type JsonValue, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import { type FieldPath, formatPath } from 'nekube/smd';
import { MASKED } from '../mask.ts';
import { isSecretPath } from '../pipeline/changes.ts';

/** Whether a field is, or has in it, what is not to be read: values of a Secret, and the annotation that repeats them. */
export function isSecretField({ apiVersion, kind }: KubeObject, path: FieldPath): boolean {
  return apiVersion === 'v1' && kind === 'Secret' && isSecretPath(formatPath(path));
}

/** A field's value as it may be read: of a Secret the masked one, with the names that it has. */
export function readableValue(object: KubeObject, path: FieldPath, value: JsonValue): JsonValue {
  if (!isSecretField(object, path)) return value;
  const isPart = path.length === 1 && isJsonObject(value);
  return isPart ? Object.fromEntries(Object.keys(value).map((name) => [name, MASKED])) : MASKED;
}

/** A field's value as one line of JSON that may be read. */
export function showField(object: KubeObject, path: FieldPath, value: JsonValue): string {
  return stringifyJson(readableValue(object, path, value));
}
