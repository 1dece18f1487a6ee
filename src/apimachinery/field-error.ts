import { formatGoNumber, isPrintable } from './go-format.ts';
import type { JsonValue } from './value.ts';

/**
 * A path to a field, printed as Kubernetes prints it: `spec.containers[0].env[NAME]`.
 *
 * Paths are immutable and share their parents, so that making one costs an allocation and no string.
 */
export class Path {
  readonly #parent: Path | undefined;
  readonly #step: string;

  private constructor(parent: Path | undefined, step: string) {
    this.#parent = parent;
    this.#step = step;
  }

  /** The path of a top-level field, or `Path.of('spec', 'ports')` for a deeper one. */
  static of(name: string, ...more: string[]): Path {
    return more.reduce((path, step) => path.child(step), new Path(undefined, name));
  }

  /** The root object itself, as in errors about the whole object; children of it are top-level fields. */
  static readonly root: Path = new Path(undefined, '');

  /** A named field below this one. */
  child(name: string, ...more: string[]): Path {
    const path = this === Path.root ? new Path(undefined, name) : new Path(this, `.${name}`);
    return more.reduce((p, step) => p.child(step), path);
  }

  /** An element of a list. */
  index(i: number): Path {
    return new Path(this, `[${i}]`);
  }

  /** An entry of a map. */
  key(k: string): Path {
    return new Path(this, `[${k}]`);
  }

  /** `spec.ports[0].name`; the root is the empty string. */
  toString(): string {
    return (this.#parent?.toString() ?? '') + this.#step;
  }
}

/** What is wrong with a field; the values are the reasons in `Status.details.causes` (metav1.CauseType). */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** One defect of an object. `message` is what Go's `field.Error.ErrorBody()` returns: all but the field. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly message: string;
}

/** A value in an error message: a string is quoted as Go's `%q`, structs and lists are JSON, the rest as Go's `%v`. */
export function formatValue(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'object') return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v));
  return typeof value === 'number' ? formatGoNumber(value) : String(value);
}

/** Go's `%q` (strconv.Quote): Go escapes, and `\u` forms for what is not printable. */
export function goQuote(text: string): string {
  let out = '"';
  for (const char of text) out += quoteChar(char);
  return `${out}"`;
}

const SHORT_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function quoteChar(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  if (isPrintable(char)) return char;
  const code = char.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

function make(type: FieldErrorType, field: Path | string, message: string): FieldError {
  return { type, field: field.toString(), message };
}

/** `Required value: detail`. */
export function required(field: Path | string, detail = ''): FieldError {
  return make('FieldValueRequired', field, withDetail('Required value', detail));
}

/** `Invalid value: VALUE: detail`. */
export function invalid(field: Path | string, value: JsonValue | undefined, detail: string): FieldError {
  return make('FieldValueInvalid', field, withDetail(`Invalid value: ${formatValue(value)}`, detail));
}

/** `Unsupported value: VALUE: supported values: "a", "b"`, the values in the given order. */
export function notSupported(
  field: Path | string,
  value: JsonValue | undefined,
  supported: readonly string[],
): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return make('FieldValueNotSupported', field, withDetail(`Unsupported value: ${formatValue(value)}`, detail));
}

/** `Forbidden: detail`. */
export function forbidden(field: Path | string, detail: string): FieldError {
  return make('FieldValueForbidden', field, withDetail('Forbidden', detail));
}

/** `Duplicate value: VALUE`. */
export function duplicate(field: Path | string, value: JsonValue | undefined): FieldError {
  return make('FieldValueDuplicate', field, `Duplicate value: ${formatValue(value)}`);
}

/** `Not found: VALUE`. */
export function notFound(field: Path | string, value: JsonValue | undefined): FieldError {
  return make('FieldValueNotFound', field, `Not found: ${formatValue(value)}`);
}

/** `Too long: may not be more than N bytes`. */
export function tooLong(field: Path | string, maxBytes: number): FieldError {
  const detail =
    maxBytes < 0 ? 'value is too long' : `may not be more than ${maxBytes} byte${maxBytes === 1 ? '' : 's'}`;
  return make('FieldValueTooLong', field, `Too long: ${detail}`);
}

/** `Too many: ACTUAL: must have at most N items`; an `actual` below zero is left out. */
export function tooMany(field: Path | string, actual: number, maxItems: number): FieldError {
  const detail =
    maxItems < 0 ? 'has too many items' : `must have at most ${maxItems} ${maxItems === 1 ? 'item' : 'items'}`;
  return make('FieldValueTooMany', field, actual < 0 ? `Too many: ${detail}` : `Too many: ${actual}: ${detail}`);
}

/** `Invalid value: VALUE: detail` with the reason for a wrong type. */
export function typeInvalid(field: Path | string, value: JsonValue | undefined, detail: string): FieldError {
  return make('FieldValueTypeInvalid', field, withDetail(`Invalid value: ${formatValue(value)}`, detail));
}

/** `Internal error: detail`. */
export function internalFieldError(field: Path | string, detail: string): FieldError {
  return make('InternalError', field, `Internal error: ${detail}`);
}

/**
 * All errors in one text, as Go's `ErrorList.ToAggregate().Error()`: equal ones once, several in brackets.
 */
export function aggregateErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
