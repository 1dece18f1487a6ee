import {
  byteLength,
  type FieldError,
  forbidden,
  invalid,
  isConfigMapKey,
  jsonEqual,
  Path,
  tooLong,
} from 'nekube/apimachinery';
import { validateObjectMeta } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import type { Loose } from '../rule.ts';
import { base64Length } from './base64.ts';

/** The largest sum of all values of a config map or a secret. */
export const MAX_DATA_BYTES: number = 1024 * 1024;

function validateConfigMap({ data = {}, binaryData = {} }: Loose): FieldError[] {
  const [texts, binaries] = [data ?? {}, binaryData ?? {}];
  const errors = [
    ...Object.keys(texts)
      .sort()
      .flatMap((key) => textKeyErrors(key, binaries)),
    ...Object.keys(binaries)
      .sort()
      .flatMap((key) => keyErrors(key, 'binaryData')),
  ];
  const size =
    Object.values<string>(texts).reduce((sum, text) => sum + byteLength(text), 0) +
    Object.values<string>(binaries).reduce((sum, bytes) => sum + base64Length(bytes), 0);
  return size > MAX_DATA_BYTES ? [...errors, tooLong('[]', MAX_DATA_BYTES)] : errors;
}

function textKeyErrors(key: string, binaries: Loose): FieldError[] {
  const errors = keyErrors(key, 'data');
  if (!Object.hasOwn(binaries, key)) return errors;
  return [...errors, invalid(Path.of('data').key(key), key, 'duplicate of key present in binaryData')];
}

function keyErrors(key: string, field: string): FieldError[] {
  return isConfigMapKey(key).map((message) => invalid(Path.of(field).key(key), key, message));
}

/** The errors of changes to an object that was stored as immutable, in these of its fields or in being so. */
export function immutableErrors(object: Loose, old: Loose, fields: readonly string[]): FieldError[] {
  if (!old.immutable) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !jsonEqual(object[field] ?? null, old[field] ?? null));
  return [...(object.immutable ? [] : ['immutable']), ...changed].map((field) => forbidden(field, detail));
}

/** The rules of config maps. */
export const configMapRules: ResourceRules = {
  validate: validateConfigMap,
  validateUpdate: (configMap, old) => [
    ...immutableErrors(configMap, old, ['data', 'binaryData']),
    ...validateObjectMeta(configMap.metadata, { namespaced: true }),
    ...validateConfigMap(configMap),
  ],
};
