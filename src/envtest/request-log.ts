import { inspect } from 'node:util';
import { protobufFacts } from 'nekube/api';
import { decodeProtobuf, isJsonObject, type JsonValue, parseYaml, unwrapUnknown } from 'nekube/apimachinery';
import { type Filter, observeBody, type RequestContext } from 'nekube/apiserver';
import { header } from './request-headers.ts';
import { checkMatch, matchedOf, type MatchedRequest, matches, type RequestMatch } from './request-match.ts';

const HIDDEN = '<hidden>';
/** Where kubectl keeps the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Fields whose values are secrets, in any object. */
const SECRET_FIELDS = new Set(['token', 'password', 'client-key-data', 'bearerToken']);

/** What is known of a request. */
interface Seen extends MatchedRequest {
  readonly groups: readonly string[];
  readonly path: string;
  readonly query: URLSearchParams;
  readonly code: number | undefined;
  readonly contentType: string;
}

function seenIn(context: RequestContext): Seen {
  const { user, info, query, response } = context;
  const code = response.headersSent ? response.statusCode : undefined;
  const contentType = header(context.request, 'content-type');
  return { ...matchedOf(context), groups: user.groups, path: info.path, query, code, contentType };
}

/** A request that the server of a test got. */
export class LoggedRequest implements MatchedRequest {
  /** Until it is over; what the server needed for it is not kept for its sake. */
  #context: RequestContext | undefined;
  #seen: Seen | undefined;
  #body: Buffer | undefined;

  constructor(context: RequestContext) {
    this.#context = context;
    observeBody(context.request, (body) => (this.#body = body));
    context.response.once('close', () => {
      this.#seen = seenIn(context);
      this.#context = undefined;
    });
  }

  #look(): Seen {
    return this.#seen ?? seenIn(this.#context!);
  }

  get verb(): string {
    return this.#look().verb;
  }
  get group(): string {
    return this.#look().group;
  }
  get resource(): string {
    return this.#look().resource;
  }
  get subresource(): string {
    return this.#look().subresource;
  }
  get namespace(): string {
    return this.#look().namespace;
  }
  get name(): string {
    return this.#look().name;
  }
  /** As whom; empty while that is not known, and where it never was. */
  get user(): string {
    return this.#look().user;
  }
  get groups(): readonly string[] {
    return this.#look().groups;
  }
  get userAgent(): string {
    return this.#look().userAgent;
  }
  get isApply(): boolean {
    return this.#look().isApply;
  }
  /** The path, without the query. */
  get path(): string {
    return this.#look().path;
  }
  get query(): URLSearchParams {
    return this.#look().query;
  }
  /** Undefined until it is answered. */
  get code(): number | undefined {
    return this.#look().code;
  }
  /** The media type of what was sent; empty: nothing is said of it. */
  get contentType(): string {
    return this.#look().contentType;
  }
  /** What was sent, whichever way it is written; undefined for nothing, for what cannot be read, and until it is read. */
  get body(): JsonValue | undefined {
    if (this.#body === undefined || this.#body.length === 0) return undefined;
    try {
      return isProtobuf(this.#body) ? fromProtobuf(this.#body) : parseYaml(this.#body);
    } catch {
      return undefined;
    }
  }
  /** What was sent, as it came. */
  get rawBody(): Uint8Array | undefined {
    return this.#body;
  }

  /** One line, without secrets: `jane create secrets default/a 201 {…}`. */
  toString(): string {
    const { user, verb, isApply, resource, subresource, namespace, name, path, code = '…', body } = this;
    const what = resource === '' ? path : `${resource}${subresource && `/${subresource}`}`;
    const where = [namespace, name].filter((part) => part !== '').join('/');
    const sent = body === undefined ? '' : JSON.stringify(redacted(body, resource === 'secrets'), bigints);
    const parts = [user || '?', isApply ? 'apply' : verb, what, where, String(code), sent];
    return parts.filter((part) => part !== '').join(' ');
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** By the four bytes that its envelope begins with. */
function isProtobuf(body: Buffer): boolean {
  return body.subarray(0, 4).toString('latin1') === 'k8s\0';
}

function fromProtobuf(body: Buffer): JsonValue | undefined {
  const { apiVersion, kind, raw } = unwrapUnknown(body);
  const message = protobufFacts().kinds[`${apiVersion || 'v1'}/${kind}`];
  return message === undefined ? undefined : { apiVersion, kind, ...decodeProtobuf(message, raw, protobufFacts()) };
}

/** All requests that the server of a test got, in the order in which they came. */
export class RequestLog {
  readonly #all: LoggedRequest[] = [];

  get all(): readonly LoggedRequest[] {
    return this.#all;
  }

  /** Those that are meant; the same words as for faults. @throws RangeError */
  where(match: RequestMatch): LoggedRequest[] {
    checkMatch(match);
    return this.#all.filter((request) => matches(match, request));
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#all.length = 0;
  }

  /** A line each, without secrets. */
  toString(): string {
    return this.#all.join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** What requests pass in the server, before anything can refuse them. */
  readonly filter: Filter = (context, next) => {
    this.#all.push(new LoggedRequest(context));
    return next(context);
  };
}

/** The same without what nobody should read: data of secrets, tokens, passwords. */
function redacted(value: JsonValue, isSecret: boolean): JsonValue {
  if (Array.isArray(value)) return value.map((item) => redacted(item, isSecret));
  if (!isJsonObject(value)) return value;
  const secret = isSecret || value.kind === 'Secret';
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (SECRET_FIELDS.has(name) || (secret && name === LAST_APPLIED)) return [name, HIDDEN];
      if (secret && name === 'value' && 'op' in value) return [name, HIDDEN];
      return [name, secret && /^(data|stringData)$/.test(name) ? hideAll(field) : redacted(field as JsonValue, secret)];
    }),
  );
}

/** Names stay, values do not. */
function hideAll(data: unknown): JsonValue {
  const names = typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.keys(data) : [];
  return Object.fromEntries(names.map((name) => [name, HIDDEN]));
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
