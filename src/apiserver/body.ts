import {
  apiVersionOf,
  errorText,
  isJsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newRequestEntityTooLarge,
  newUnsupportedMediaType,
  parseApiVersion,
  parseJson,
  parseYaml,
  strictFieldError,
  strictFieldErrors,
  stringifyJson,
} from 'nekube/apimachinery';
import { header, type HttpRequest, type RequestContext, warn } from './context.ts';
import { type Encoding, OBJECT_MEDIA_TYPES, parseMediaType } from './media-type.ts';
import { openKubeProtobuf, type ProtobufBody } from './protobuf.ts';
import { sortKeys } from './sort-keys.ts';

/** The most bytes that a request's body may have (kube-apiserver's limit). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const observers = new WeakMap<HttpRequest, (body: Buffer) => void>();

/** Has somebody told of a request's body, once it is read; nobody is where it never is. */
export function observeBody(request: HttpRequest, observer: (body: Buffer) => void): void {
  observers.set(request, observer);
}

/**
 * Reads a body whole.
 *
 * @throws StatusError 413 if it is larger than the limit; the rest is not read then
 */
export async function readBody(request: HttpRequest, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const announced = Number(header(request, 'content-length') ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const body = 'bytes' in request ? request.bytes : await collect(request, maxBytes);
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  observers.get(request)?.(body);
  return body;
}

async function collect(request: HttpRequest, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      chunks.push(chunk);
      if (bytes <= maxBytes) return;
      request.off('data', take);
      reject(tooLarge(maxBytes));
    };
    request.on('data', take);
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => request.readableEnded || reject(new Error('the client went away')));
  });
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Error {
  return newRequestEntityTooLarge(`limit is ${maxBytes}`);
}

/** How strictly a body's fields are judged (`fieldValidation`). */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** A type that bodies are decoded as. */
export interface BodyType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Go's name of the internal type, e.g. `core.ConfigMap`; part of one message. */
  readonly goType: string;
  /** Other group versions whose objects are taken too (DeleteOptions come under any group). */
  readonly anyGroupVersion?: boolean;
  /** Old group versions whose objects of this kind have the same form and are taken too. */
  readonly alsoTakes?: readonly string[];
  /** Custom resources say their kind and version themselves; a kind that is not the expected one is told later. */
  readonly custom?: boolean;
  /** True when kinds of this group version exist, though this server does not serve them. */
  isRegistered(apiVersion: string, kind: string): boolean;
  /** @throws Error with Go's message where the value does not fit */
  decode(value: JsonValue): { readonly object: KubeObject; readonly unknownFields: readonly string[] };
}

/** The encoding of a body by its Content-Type; JSON if there is none. @throws StatusError 415 */
export function bodyEncoding(contentType: string | undefined): Encoding {
  const { type } = parseMediaType(contentType ?? '');
  const encoding = type === '' ? 'json' : OBJECT_MEDIA_TYPES[type];
  if (encoding === undefined) {
    const accepted = Object.keys(OBJECT_MEDIA_TYPES).join(', ');
    throw newUnsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    );
  }
  return encoding;
}

/**
 * Decodes a request's body as an object of a type: kube-apiserver's decoder with its checks and messages.
 *
 * @throws StatusError BadRequest for what does not parse, is of another kind or version, or does not fit; with
 *   `Strict` also for unknown and duplicate fields, which otherwise become warnings
 */
export function decodeBody(
  context: RequestContext,
  bytes: Buffer,
  type: BodyType,
  validation: FieldValidation,
): KubeObject {
  const encoding = bodyEncoding(header(context.request, 'content-type'));
  if (type.custom && encoding === 'protobuf') throw hangUp(context);
  const parsed = parseBody(bytes, encoding, type);
  const { value } = parsed;
  const typed = type.custom ? checkCustomTypeMeta(parsed, bytes, type) : checkTypeMeta(value, type);
  let decoded: ReturnType<BodyType['decode']>;
  try {
    decoded = type.decode(typed);
  } catch (error) {
    throw cannotHandle(typed, type, errorText(error));
  }
  const strict = validation === 'Ignore' ? [] : strictErrors(parsed, decoded.unknownFields, validation, type.custom);
  reportStrict(context, validation, strict, (text) => cannotHandle(typed, type, text));
  context.audit?.requestObject(decoded.object);
  return decoded.object;
}

/** kube-apiserver's handler of custom resources fails on any protobuf body: the connection ends without an answer. */
function hangUp({ response }: RequestContext): Error {
  response.destroy();
  return newBadRequest('the body of the request was in an unknown format');
}

/** Turns strict decoding errors into an error or into warnings, as `fieldValidation` says. */
export function reportStrict(
  context: RequestContext,
  validation: FieldValidation,
  found: readonly string[],
  toError: (text: string) => Error,
): void {
  if (found.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw toError(`strict decoding error: ${found.join(', ')}`);
  for (const text of found) warn(context, text);
}

interface Parsed {
  readonly value: JsonValue;
  /** What was read, if it is JSON. */
  readonly json?: string;
  /** What the YAML reader says of duplicate fields, a line each. */
  readonly duplicates: readonly string[];
}

/**
 * What strict decoding says: of JSON in document order, of YAML first all duplicates, in an error as one. What is not
 * known in custom resources is found after all duplicates.
 */
function strictErrors(
  parsed: Parsed,
  unknown: readonly string[],
  validation: FieldValidation,
  custom = false,
): string[] {
  if (parsed.json !== undefined && custom)
    return [...strictFieldErrors(parsed.json, []), ...unknown.map((path) => strictFieldError('unknown', path))];
  if (parsed.json !== undefined) return strictFieldErrors(parsed.json, unknown);
  const { duplicates } = parsed;
  const asOne = duplicates.length > 0 && validation === 'Strict';
  const first = asOne ? [`yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`] : duplicates;
  return [...first, ...unknown.map((path) => strictFieldError('unknown', path))];
}

function parseBody(bytes: Buffer, encoding: Encoding, type: BodyType): Parsed {
  if (encoding === 'protobuf') return { value: parseProtobuf(bytes, type), duplicates: [] };
  try {
    const parsed = encoding === 'json' ? parseJsonBody(bytes) : parseYamlText(bytes.toString('utf8'));
    checkReadable(parsed.value);
    return parsed;
  } catch (error) {
    throw unrecognized(bytes, type, error);
  }
}

function unrecognized(bytes: Buffer, type: BodyType, error: unknown): Error {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${type.kind}): ${errorText(error)} (${summarize(bytes)})`,
  );
}

/** A protobuf body as an object of the type that it says it is, or else of the expected one. @throws StatusError */
function parseProtobuf(bytes: Buffer, type: BodyType): JsonValue {
  let body: ProtobufBody;
  try {
    body = openKubeProtobuf(bytes);
  } catch (error) {
    throw unrecognized(bytes, type, error);
  }
  const kind = body.kind || type.kind;
  const apiVersion = body.apiVersion || apiVersionOf(type);
  const typed = { kind, apiVersion };
  try {
    return (body.decodeAs(apiVersion, kind) ?? typed) as unknown as JsonValue;
  } catch (error) {
    throw cannotHandle(typed, type, errorText(error));
  }
}

/** A body must be an object (or null) whose kind and apiVersion, if it has them, are texts. @throws Error */
function checkReadable(value: JsonValue): void {
  const unreadable = (found: JsonValue, into: string) =>
    new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(found)} into Go ${into}`);
  if (value === null) return;
  if (!isJsonObject(value)) throw unreadable(value, `value of type ${META_STRUCT}`);
  for (const [key, member] of Object.entries(value)) {
    if ((key === 'kind' || key === 'apiVersion') && member !== null && typeof member !== 'string')
      throw unreadable(member, `struct field .${key} of type string`);
  }
}

/** Reads JSON of an object. @throws Error with what Go says of an object whose kind it cannot find */
export function parseJsonBody(bytes: Buffer): Parsed {
  const text = bytes.toString('utf8');
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${errorText(error)}`, { cause: error });
  }
  return { value, json: text, duplicates: [] };
}

const META_STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Reads YAML (or JSON) with the duplicates that it has. @throws ParseError */
export function parseYamlText(text: string): Parsed {
  const duplicates: string[] = [];
  const value = parseYaml(text, { duplicates });
  return { value, duplicates };
}

/** What Go's decoder calls a JSON value. */
export function jsonKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'number';
  return typeof value;
}

/** The value with kind and apiVersion, the type's own where the body has none. @throws StatusError BadRequest */
function checkTypeMeta(value: JsonValue, type: BodyType): JsonValue {
  if (value !== null && !isJsonObject(value)) return value;
  const expected = apiVersionOf(type);
  const { kind: givenKind, apiVersion: givenVersion, ...rest } = value ?? {};
  const kind = typeof givenKind === 'string' && givenKind !== '' ? givenKind : type.kind;
  const apiVersion = typeof givenVersion === 'string' && givenVersion !== '' ? givenVersion : expected;
  const typed = { kind, apiVersion, ...rest };
  const fits =
    kind === type.kind && (apiVersion === expected || type.anyGroupVersion || type.alsoTakes?.includes(apiVersion));
  if (fits) return typed;
  if (kind === type.kind && type.isRegistered(apiVersion, kind))
    throw newBadRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  if (type.isRegistered(apiVersion, kind)) {
    const { group, version } = parseApiVersion(apiVersion)!;
    const from = `${group === '' ? 'v1' : version}.${kind}`;
    throw cannotHandle(typed, type, `converting (${from}) to (${type.goType}): unknown conversion`);
  }
  throw cannotHandle(
    typed,
    type,
    `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** The body of a custom resource, which must say its kind and have the version of the request. @throws StatusError */
function checkCustomTypeMeta({ value, json }: Parsed, bytes: Buffer, type: BodyType): JsonValue {
  const { kind, apiVersion } = isJsonObject(value) ? value : {};
  if (!kind) {
    const why = `Object 'Kind' is missing in '${json ?? stringifyJson(sortKeys(value))}'`;
    throw newBadRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summarize(bytes)})`,
    );
  }
  const expected = apiVersionOf(type);
  if (apiVersion !== expected)
    throw newBadRequest(
      `the API version in the data (${apiVersion ?? ''}) does not match the expected API version (${expected})`,
    );
  return value;
}

function cannotHandle(value: JsonValue, type: BodyType, why: string): Error {
  const { kind, apiVersion } = value as { kind: string; apiVersion: string };
  const version = parseApiVersion(apiVersion)?.version ?? apiVersion;
  return newBadRequest(`${kind} in version "${version}" cannot be handled as a ${type.kind}: ${why}`);
}

/** The start of a body in an error message: text if it looks like JSON, else hexadecimal. */
function summarize(bytes: Buffer): string {
  const max = 30;
  if (bytes.length === 0) return '<empty>';
  const isText = bytes[0] === 0x7b;
  const shown = bytes.subarray(0, max);
  const text = isText ? shown.toString('utf8') : shown.toString('hex');
  return bytes.length > max ? `${text} ...` : text;
}
