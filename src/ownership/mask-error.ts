import { isJsonObject, isStatusError, type JsonValue, type KubeObject, StatusError } from 'nekube/apimachinery';
import { MASKED } from './mask.ts';

/**
 * What a server says of a Secret that it refuses, without the values of it: of `pin: 4711`, which is no text, it says that
 * it got 4711. Other errors, and those about other objects, are as they are.
 */
export function maskError(error: unknown, configuration: KubeObject): unknown {
  if (configuration.apiVersion !== 'v1' || configuration.kind !== 'Secret' || !isStatusError(error)) return error;
  // it names managers, and no values; a manager may be called as a value is
  if (error.status.reason === 'Conflict') return error;
  const { status } = error;
  const mask = (text: string): string => maskText(text, valuesOf(configuration));
  const causes = status.details?.causes?.map((cause) => ({
    ...cause,
    ...(cause.message !== undefined && { message: mask(cause.message) }),
  }));
  return new StatusError({
    ...status,
    ...(status.message !== undefined && { message: mask(status.message) }),
    ...(causes && { details: { ...status.details, causes } }),
  });
}

/** Shorter ones are in every other word; where a server shows a value it is behind `got` anyhow. */
const SHORTEST = 4;

/** The texts in the parts that are secret, the longest first, since one may be in another. */
function valuesOf(secret: KubeObject): string[] {
  const { data, stringData } = secret as { readonly data?: JsonValue; readonly stringData?: JsonValue };
  const texts = [...leavesOf(data), ...leavesOf(stringData)].filter((text) => text.length >= SHORTEST);
  return texts.sort((a, b) => b.length - a.length);
}

function leavesOf(value: JsonValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (isJsonObject(value)) return Object.values(value).flatMap(leavesOf);
  return value === undefined || value === null ? [] : [String(value)];
}

function maskText(text: string, values: readonly string[]): string {
  const masked = values.reduce((known, value) => known.replaceAll(value, MASKED), text);
  return masked.replace(/(, got ).*/g, `$1${MASKED}`);
}
