import { isJsonObject, type JsonObject, type JsonValue, ParseError } from 'nekube/apimachinery';

/** What a kubeconfig says that cannot be: names the file, the field, and what must be there. */
export function kubeconfigError(file: string, path: string, problem: string, cause?: unknown): ParseError {
  const at = path === '' ? '' : `${path} `;
  const options = cause === undefined ? undefined : { cause };
  return new ParseError(`Cannot use the kubeconfig ${JSON.stringify(file)}: ${at}${problem}`, { path }, options);
}

/** Reads the fields of an object in a file, each as what it must be. A field that is null is absent, as in Go. */
export class FieldReader {
  readonly file: string;
  readonly path: string;
  readonly #object: JsonObject;

  /** @throws ParseError if the value is neither an object nor absent */
  constructor(file: string, path: string, value: JsonValue | undefined) {
    this.file = file;
    this.path = path;
    if (value !== undefined && value !== null && !isJsonObject(value))
      throw kubeconfigError(file, path, 'must be an object');
    this.#object = value ?? {};
  }

  /** The path of a field. */
  at(field: string): string {
    return this.path === '' ? field : `${this.path}.${field}`;
  }

  /** An error about a field, which is thrown by the caller. */
  error(field: string, problem: string, cause?: unknown): ParseError {
    return kubeconfigError(this.file, this.at(field), problem, cause);
  }

  /** The value as it is. */
  any(field: string): JsonValue | undefined {
    return this.#object[field] ?? undefined;
  }

  /** A text; an empty one is absent, as in Go. @throws ParseError */
  text(field: string): string | undefined {
    const value = this.any(field);
    if (value !== undefined && typeof value !== 'string')
      throw this.error(field, `must be a string, not ${kindOf(value)}`);
    return value === '' ? undefined : value;
  }

  /** @throws ParseError */
  flag(field: string): boolean | undefined {
    const value = this.any(field);
    if (value !== undefined && typeof value !== 'boolean')
      throw this.error(field, `must be true or false, not ${kindOf(value)}`);
    return value;
  }

  /** @throws ParseError */
  texts(field: string): string[] | undefined {
    const items = this.items(field);
    const wrong = items.findIndex((item) => typeof item !== 'string');
    if (wrong >= 0) throw this.error(`${field}[${wrong}]`, `must be a string, not ${kindOf(items[wrong]!)}`);
    return items.length === 0 ? undefined : (items as string[]);
  }

  /** The items of a list; none if it is absent. @throws ParseError */
  items(field: string): readonly JsonValue[] {
    const value = this.any(field) ?? [];
    if (!Array.isArray(value)) throw this.error(field, `must be a list, not ${kindOf(value)}`);
    return value;
  }

  /** What is written in base64, as bytes of text. @throws ParseError */
  base64(field: string): string | undefined {
    const text = this.text(field)?.replace(/[\r\n]/g, '');
    if (text === undefined) return undefined;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw this.error(field, 'must be base64');
    return Buffer.from(text, 'base64').toString('utf8');
  }

  /** A reader of what is inside a field. @throws ParseError */
  inside(field: string): FieldReader {
    return new FieldReader(this.file, this.at(field), this.any(field));
  }

  /** Readers of the items of a list. @throws ParseError */
  insideAll(field: string): FieldReader[] {
    return this.items(field).map((item, i) => new FieldReader(this.file, `${this.at(field)}[${i}]`, item));
  }

  /** The names of all fields. */
  names(): string[] {
    return Object.keys(this.#object);
  }
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
