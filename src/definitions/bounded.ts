import type { JsonObject } from 'nekube/apimachinery';

// The words of schemas in which everything has a description and a bound, which the costs of rules are estimated by.

/** A schema that describes itself. */
export interface Described extends JsonObject {
  readonly description: string;
}

/** What must hold beyond the types, and what the server says where it does not. */
export interface SchemaRule {
  readonly rule: string;
  /** Says what must be, and how to mend it. */
  readonly message: string;
}

/** A text with bounds, that rules may cost little to look at. */
export function text(description: string, more: JsonObject = {}): Described {
  return { type: 'string', description, minLength: 1, maxLength: 253, ...more };
}

/** One of the values. */
export function oneOf(description: string, values: readonly string[]): Described {
  return { type: 'string', description, enum: [...values] };
}

/** A whole number. */
export function whole(description: string, minimum: number, more: JsonObject = {}): Described {
  return { type: 'integer', format: 'int64', description, minimum, ...more };
}

/** A list of at least one and not many entries, which is replaced as one. */
export function list(description: string, items: JsonObject, more: JsonObject = {}): Described {
  return { type: 'array', description, items, minItems: 1, maxItems: 64, 'x-kubernetes-list-type': 'atomic', ...more };
}

/** An object with its fields, of which those of `required` must be there. */
export function object(
  description: string,
  properties: Readonly<Record<string, JsonObject>>,
  required: readonly string[] = [],
): Described {
  return { type: 'object', description, properties, ...(required.length > 0 && { required: [...required] }) };
}

/** A schema with rules. */
export function withRules(schema: Described, ...rules: readonly SchemaRule[]): Described {
  return { ...schema, 'x-kubernetes-validations': rules.map((rule) => ({ ...rule })) };
}
