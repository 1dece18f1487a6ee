import { errorText } from 'nekube/apimachinery';

/**
 * There was no answer: nobody listens, the certificate is not trusted, the connection broke. Whether the server did what
 * it was asked is not known, unless the method was GET.
 */
export class ConnectionError extends Error {
  /** The server, as the transport names it. */
  readonly server: string;
  /** What was asked: the method, and the path without its query. */
  readonly request: string;

  constructor(server: string, request: { readonly method: string; readonly path: string }, cause: unknown) {
    const path = request.path.split('?', 1)[0]!;
    super(`Cannot ${request.method} ${server}${path}: ${reasonOf(cause)}`, { cause });
    this.name = 'ConnectionError';
    this.server = server;
    this.request = `${request.method} ${path}`;
  }
}

/** Tells a ConnectionError, also one from another copy of this package. */
export function isConnectionError(e: unknown): e is ConnectionError {
  return e instanceof Error && e.name === 'ConnectionError' && 'server' in e;
}

/** The server serves no such kind. Its definition may be about to come. */
export class NoMatchError extends Error {
  readonly apiVersion: string;
  readonly kind: string;

  constructor({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }, options?: ErrorOptions) {
    super(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`, options);
    this.name = 'NoMatchError';
    this.apiVersion = apiVersion;
    this.kind = kind;
  }
}

/** Tells a NoMatchError, also one from another copy of this package. */
export function isNoMatchError(e: unknown): e is NoMatchError {
  return e instanceof Error && e.name === 'NoMatchError' && 'apiVersion' in e;
}

/** In words; where several addresses were tried, what each of them said. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return [...new Set(cause.errors.map(reasonOf))].join('; ');
  const text = errorText(cause);
  const inner = cause instanceof Error ? cause.cause : undefined;
  const more = inner === undefined ? '' : reasonOf(inner);
  if (text === '') return more === '' ? String((cause as { code?: unknown }).code ?? 'the connection broke') : more;
  return more === '' || text.includes(more) ? text : `${text}: ${more}`;
}

/** Codes of the failures that a connection has when its other end goes: of Node's sockets, of HTTP/2, of undici. */
const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_ERROR',
  'UND_ERR_SOCKET',
]);

/** True if a connection that there was broke; false if none came about. What only reads may be asked again. */
export function isBrokenConnection(e: unknown): boolean {
  for (let cause = e; cause instanceof Error; cause = cause.cause) {
    if (BROKEN.has(String((cause as { readonly code?: unknown }).code))) return true;
  }
  return false;
}
