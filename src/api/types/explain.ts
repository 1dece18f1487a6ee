import {
  canonicalMicroTime,
  canonicalQuantity,
  canonicalTime,
  isJsonObject,
  type JsonValue,
  stringifyJson,
} from 'nekube/apimachinery';
import { type GoField, goFields } from './go-types.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Ends the walk at once, as an error of a Go type's own UnmarshalJSON does. */
class Immediate extends Error {}

/**
 * The message of Go's JSON decoder for a value that does not fit a struct; undefined when it fits.
 *
 * Go goes on after a wrong type and reports the first one in the end, but stops at what a type with a JSON form of its
 * own refuses. The walk follows the order of the document.
 */
export function explainJsonMismatch(type: string, json: JsonValue): string | undefined {
  const explainer = new JsonExplainer();
  try {
    explainer.visit(shapeOf(type), json);
  } catch (e) {
    if (e instanceof Immediate) return e.message;
    throw e;
  }
  return explainer.first;
}

class JsonExplainer {
  /** The first wrong type. */
  first: string | undefined;
  /** Names of the fields from the root to here. */
  readonly #path: string[] = [];
  /** The innermost struct. */
  #struct = '';

  visit(shape: Shape, value: JsonValue): void {
    if (value === null) return;
    switch (shape.kind) {
      case 'pointer':
        return this.visit(shape.element, value);
      case 'struct':
        return isJsonObject(value) ? this.#visitStruct(shape, value) : this.#save(valueName(value), shape.name);
      case 'map':
        if (!isJsonObject(value)) return this.#save(valueName(value), shape.name);
        return Object.values(value).forEach((item) => this.visit(shape.element, item));
      case 'list':
        if (!Array.isArray(value)) return this.#save(valueName(value), shape.name);
        return value.forEach((item) => this.visit(shape.element, item));
      case 'bytes':
        return this.#visitBytes(shape, value);
      case 'custom':
        return this.#visitCustom(shape.type, value);
      case 'any':
        return;
      default:
        return this.#visitScalar(shape, value);
    }
  }

  #visitStruct(shape: Shape & { kind: 'struct' }, value: { [key: string]: JsonValue }): void {
    const fields = reachable(shape.type);
    const [outer, depth] = [this.#struct, this.#path.length];
    for (const [key, item] of Object.entries(value)) {
      const field = fields.get(key);
      if (field === undefined) continue;
      this.#struct = shape.name.slice(shape.name.indexOf('.') + 1);
      this.#path.push(...field.path);
      this.visit(shapeOf(field.type), item);
      this.#path.length = depth;
      this.#struct = outer;
    }
  }

  #visitBytes(shape: Shape, value: JsonValue): void {
    if (Array.isArray(value)) return value.forEach((item) => this.visit(shapeOf('uint8'), item));
    if (typeof value !== 'string') return this.#save(valueName(value), shape.name);
    const at = base64Defect(value);
    if (at !== undefined) this.first ??= `illegal base64 data at input byte ${at}`;
  }

  #visitScalar(shape: Shape, value: JsonValue): void {
    if (shape.kind === 'string' && typeof value === 'string') return;
    if (shape.kind === 'bool' && typeof value === 'boolean') return;
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    if (!isNumber || shape.kind === 'string' || shape.kind === 'bool') return this.#save(valueName(value), shape.name);
    if (!fitsNumber(shape.kind, value)) this.#save(`number ${value}`, shape.name);
  }

  #visitCustom(type: string, value: JsonValue): void {
    const message = customDefect(type, value);
    if (message !== undefined) throw new Immediate(typeof message === 'string' ? message : this.#message(...message));
  }

  #save(value: string, goType: string): void {
    this.first ??= this.#message(value, goType);
  }

  #message(value: string, goType: string): string {
    const where = this.#path.length === 0 ? 'value' : `struct field ${this.#struct}.${this.#path.join('.')}`;
    return `json: cannot unmarshal ${value} into Go ${where} of type ${goType}`;
  }
}

/** The fields of a struct and of those it embeds, each with the names that lead to it. */
function reachable(type: string): Map<string, { type: string; path: string[] }> {
  const entries = (field: GoField): [string, { type: string; path: string[] }][] =>
    field.embedded
      ? [...reachable(field.type)].map(([name, f]) => [name, { type: f.type, path: [field.name, ...f.path] }])
      : [[field.name, { type: field.type, path: [field.name] }]];
  return new Map(goFields(type).flatMap(entries));
}

/** What a type with a JSON form of its own says against a value: a text, or a wrong type. */
export function customDefect(type: string, value: JsonValue): string | [value: string, goType: string] | undefined {
  switch (type) {
    case 'resource.Quantity':
      return defectOf(() => canonicalQuantity((typeof value === 'string' ? value : stringifyJson(value)).trim()));
    case 'meta/v1.Time':
      return typeof value === 'string' ? defectOf(() => canonicalTime(value)) : [valueName(value), 'string'];
    case 'meta/v1.MicroTime':
      return typeof value === 'string' ? defectOf(() => canonicalMicroTime(value)) : [valueName(value), 'string'];
    case 'intstr.IntOrString':
      if (typeof value === 'string' || fitsNumber('int32', value)) return undefined;
      return [typeof value === 'number' || typeof value === 'bigint' ? `number ${value}` : valueName(value), 'int32'];
    case 'apiextensions/v1.JSONSchemaPropsOrBool':
      if (typeof value === 'boolean') return undefined;
      if (!isJsonObject(value)) return 'boolean or JSON schema expected';
      return explainJsonMismatch('apiextensions/v1.JSONSchemaProps', value);
    case 'apiextensions/v1.JSONSchemaPropsOrArray':
    case 'apiextensions/v1.JSONSchemaPropsOrStringArray':
      return unionDefect(type, value);
    default:
      return undefined;
  }
}

function unionDefect(type: string, value: JsonValue): string | undefined {
  if (isJsonObject(value)) return explainJsonMismatch('apiextensions/v1.JSONSchemaProps', value);
  if (!Array.isArray(value)) return undefined;
  return explainJsonMismatch(type.endsWith('StringArray') ? '[]string' : '[]apiextensions/v1.JSONSchemaProps', value);
}

function defectOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (e) {
    return (e as Error).message;
  }
}

/** Whether a number fits a numeric type of Go. */
export function fitsNumber(kind: Shape['kind'], value: JsonValue): boolean {
  if (kind === 'float64') return typeof value === 'number' || typeof value === 'bigint';
  if (typeof value === 'bigint') return kind === 'int64' && BigInt.asIntN(64, value) === value;
  if (!Number.isInteger(value)) return false;
  const number = value as number;
  if (kind === 'int32') return number >= -(2 ** 31) && number < 2 ** 31;
  if (kind === 'uint8') return number >= 0 && number < 256;
  return Number.isSafeInteger(number);
}

/** What Go calls a JSON value in messages. */
export function valueName(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** The offset that Go's base64 decoder names for a malformed text; undefined for a well-formed one. */
function base64Defect(text: string): number | undefined {
  const bytes = Buffer.from(text);
  let quantum = 0;
  for (let i = 0; i < bytes.length; i++) {
    const char = String.fromCharCode(bytes[i]!);
    if (char === '\r' || char === '\n') continue;
    if (char === '=') return paddingDefect(bytes, i, quantum);
    if (!/[A-Za-z0-9+/]/.test(char)) return i;
    quantum = (quantum + 1) % 4;
  }
  return quantum === 0 ? undefined : bytes.length - quantum;
}

/** Checks the padding that starts at `at` after `quantum` characters of a group. */
function paddingDefect(bytes: Buffer, at: number, quantum: number): number | undefined {
  const skip = (i: number) => {
    while (i < bytes.length && (bytes[i] === 0x0a || bytes[i] === 0x0d)) i++;
    return i;
  };
  if (quantum < 2) return at;
  let next = skip(at + 1);
  if (quantum === 2) {
    if (next >= bytes.length) return bytes.length;
    if (bytes[next] !== 0x3d) return next - 1;
    next = skip(next + 1);
  }
  return next < bytes.length ? next : undefined;
}
