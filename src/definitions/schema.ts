import type { JsonObject } from 'nekube/apimachinery';

/** A text. */
export function text(description?: string, more: JsonObject = {}): JsonObject {
  return { type: 'string', ...(description !== undefined && { description }), ...more };
}

/** One of some words. */
export function oneOf(values: readonly string[], description?: string, more: JsonObject = {}): JsonObject {
  return text(description, { enum: [...values], ...more });
}

/** A whole number. */
export function integer(description?: string, more: JsonObject = {}): JsonObject {
  return { type: 'integer', format: 'int64', ...(description !== undefined && { description }), ...more };
}

/** A moment, as RFC 3339 has it. */
export function time(description?: string): JsonObject {
  return text(description, { format: 'date-time' });
}

/** An object; `required` are properties. */
export function object(properties: JsonObject, required: readonly string[] = [], more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...(required.length > 0 && { required: [...required] }), ...more };
}

/** A list that has one owner. */
export function list(items: JsonObject, description?: string, more: JsonObject = {}): JsonObject {
  return {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'atomic',
    ...(description !== undefined && { description }),
    ...more,
  };
}

/** A list of which each element has its own owners, by properties that tell it from others. */
export function listByKey(
  keys: string | readonly string[],
  items: JsonObject,
  description?: string,
  more: JsonObject = {},
): JsonObject {
  return {
    ...list(items, description, more),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': typeof keys === 'string' ? [keys] : [...keys],
  };
}

/** True or false. */
export function flag(description?: string, more: JsonObject = {}): JsonObject {
  return { type: 'boolean', ...(description !== undefined && { description }), ...more };
}

/** The name of another object of the namespace. */
export function reference(description: string): JsonObject {
  return object({ name: text(undefined, { minLength: 1, maxLength: 253 }) }, ['name'], { description });
}

/** What the server must find true (KEP-2876). */
export function rules(...all: readonly (readonly [rule: string, message: string])[]): JsonObject {
  return { 'x-kubernetes-validations': all.map(([rule, message]) => ({ rule, message })) };
}

/** `status.conditions`, as metav1.Condition. */
export const CONDITIONS: JsonObject = listByKey(
  'type',
  object(
    {
      type: text(undefined, { maxLength: 316 }),
      status: oneOf(['True', 'False', 'Unknown']),
      observedGeneration: integer(undefined, { minimum: 0 }),
      lastTransitionTime: time(),
      reason: text(undefined, { minLength: 1, maxLength: 1024 }),
      message: text(undefined, { maxLength: 32768 }),
    },
    ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  ),
);
