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

const SCHEMA = 'apiextensions/v1.JSONSchemaProps';

/** A value of a wrong type, and where: Go names the innermost struct and all fields from the root. */
interface WrongType {
  readonly value: string;
  readonly goType: string;
  readonly struct: string;
  readonly path: readonly string[];
}

/** What is wrong with a value: a wrong type, or what a type with a JSON form of its own says. */
type Defect = WrongType | string;

/** Ends the walk at once, as an error of a Go type's own UnmarshalJSON does. */
class Immediate extends Error {
  readonly defect: Defect;

  constructor(defect: Defect) {
    super();
    this.defect = defect;
  }
}

/**
 * The message of Go's JSON decoder for a value that does not fit a type; undefined when it fits.
 *
 * Go goes on after a wrong type and reports the first one in the end, but stops at what a type with a JSON form of its
 * own refuses. The walk follows the order of the document.
 */
export function explainJsonMismatch(type: string, json: JsonValue): string | undefined {
  const defect = findDefect(type, json);
  return typeof defect === 'object' ? message(defect) : defect;
}

function findDefect(type: string, json: JsonValue): Defect | undefined {
  const explainer = new JsonExplainer();
  try {
    explainer.visit(shapeOf(type), json);
  } catch (e) {
    if (e instanceof Immediate) return e.defect;
    throw e;
  }
  return explainer.first;
}

function message({ value, goType, struct, path }: WrongType): string {
  const where = path.length === 0 ? 'value' : `struct field ${struct}.${path.join('.')}`;
  return `json: cannot unmarshal ${value} into Go ${where} of type ${goType}`;
}

class JsonExplainer {
  /** The first defect after which Go goes on. */
  first: Defect | undefined;
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
    const defect = customDefect(type, value);
    if (typeof defect === 'string') throw new Immediate(defect);
    // Go puts its own place around what the type's decoder said
    if (defect !== undefined)
      throw new Immediate({ ...defect, struct: this.#struct, path: [...this.#path, ...defect.path] });
  }

  #save(value: string, goType: string): void {
    this.first ??= { value, goType, struct: this.#struct, path: [...this.#path] };
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

/** The message of a type with a JSON form of its own, decoding a value alone; undefined when it fits. */
export function explainCustomMismatch(type: string, value: JsonValue): string | undefined {
  const defect = customDefect(type, value);
  return typeof defect === 'object' ? message(defect) : defect;
}

function customDefect(type: string, value: JsonValue): Defect | undefined {
  switch (type) {
    case 'resource.Quantity':
      return defectOf(() => canonicalQuantity((typeof value === 'string' ? value : stringifyJson(value)).trim()));
    case 'meta/v1.Time':
      return typeof value === 'string' ? defectOf(() => canonicalTime(value)) : findDefect('string', value);
    case 'meta/v1.MicroTime':
      return typeof value === 'string' ? defectOf(() => canonicalMicroTime(value)) : findDefect('string', value);
    case 'intstr.IntOrString':
      return typeof value === 'string' ? undefined : findDefect('int32', value);
    case 'apiextensions/v1.JSONSchemaPropsOrBool':
      if (typeof value === 'boolean') return undefined;
      return isJsonObject(value) ? findDefect(SCHEMA, value) : 'boolean or JSON schema expected';
    case 'apiextensions/v1.JSONSchemaPropsOrArray':
      if (Array.isArray(value)) return findDefect(`[]${SCHEMA}`, value);
      return isJsonObject(value) ? findDefect(SCHEMA, value) : undefined;
    case 'apiextensions/v1.JSONSchemaPropsOrStringArray':
      if (Array.isArray(value)) return findDefect('[]string', value);
      return isJsonObject(value) ? findDefect(SCHEMA, value) : undefined;
    default:
      return undefined;
  }
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
function fitsNumber(kind: Shape['kind'], value: JsonValue): boolean {
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
