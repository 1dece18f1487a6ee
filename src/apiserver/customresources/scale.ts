import {
  type FieldError,
  goTypeName,
  invalid,
  isJsonObject,
  type JsonValue,
  type KubeObject,
} from 'nekube/apimachinery';
import type { DefinitionVersion } from './definition.ts';
import { fieldsOfPath } from './json-path.ts';

/** Where a version keeps what its Scale shows. */
type ScalePaths = NonNullable<NonNullable<DefinitionVersion['subresources']>['scale']>;

const MAX_REPLICAS = 2 ** 31 - 1;

/** What is wrong with the wanted replicas of an object that has a Scale. */
export function checkScaleSpec(object: KubeObject, scale: ScalePaths | undefined): FieldError[] {
  return scale === undefined ? [] : checkReplicas(object, scale.specReplicasPath);
}

/** What is wrong with the status that a Scale shows. */
export function checkScaleStatus(object: KubeObject, scale: ScalePaths | undefined): FieldError[] {
  if (scale === undefined) return [];
  const { statusReplicasPath, labelSelectorPath } = scale;
  const errors = checkReplicas(object, statusReplicasPath);
  if (labelSelectorPath === undefined) return errors;
  const { value, error } = nested(object, fieldsOfPath(labelSelectorPath));
  const why = error ?? (value === undefined || typeof value === 'string' ? undefined : notA(value, 'string'));
  return why === undefined
    ? errors
    : [...errors, invalid(labelSelectorPath, '', `${labelSelectorPath} accessor error: ${why}`)];
}

function checkReplicas(object: KubeObject, path: string): FieldError[] {
  const { value, error } = nested(object, fieldsOfPath(path));
  if (value === undefined && error === undefined) return [];
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  const why = error ?? (isInteger ? undefined : notA(value!, 'int64'));
  if (why !== undefined) return [invalid(path, 0, `${path} accessor error: ${why}`)];
  const replicas = value as number | bigint;
  if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')];
  if (replicas > MAX_REPLICAS) return [invalid(path, replicas, `should be less than or equal to ${MAX_REPLICAS}`)];
  return [];
}

/** The value at a path, as Go's unstructured.NestedFieldNoCopy finds it. */
function nested(
  object: KubeObject,
  fields: readonly string[],
): { readonly value?: JsonValue | undefined; readonly error?: string } {
  let value = object as unknown as JsonValue | undefined;
  for (const field of fields) {
    if (value === undefined || value === null) return {};
    if (!isJsonObject(value)) return { error: notA(value, 'map[string]interface{}') };
    value = value[field];
  }
  return { value };
}

function notA(value: JsonValue, wanted: string): string {
  const shown = typeof value === 'object' && value !== null ? '' : String(value ?? '<nil>');
  return `${shown} is of the type ${value === null ? '<nil>' : goTypeName(value)}, expected ${wanted}`;
}
