import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { RequestTrail } from './audit/trail.ts';
import type { ReceivedRequest, WrittenResponse } from './in-process/messages.ts';
import type { Life } from './life.ts';
import type { Negotiated } from './media-type.ts';
import type { RequestInfo } from './request-info.ts';
import type { UserInfo } from './user.ts';

/** A request of HTTP/1.1 or HTTP/2, as the compatible interface of node:http2 gives it, or of this process. */
export type HttpRequest = IncomingMessage | Http2ServerRequest | ReceivedRequest;
/** The answer to it. */
export type HttpResponse = ServerResponse | Http2ServerResponse | WrittenResponse;

/** One request on its way through the server. What a filter finds out is set by it, before it hands the request on. */
export interface RequestContext {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly method: string;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  /** Who makes it: nobody, until it is authenticated; whom it acts as, after impersonation. */
  user: UserInfo;
  /** How the answer will be written. */
  readonly accept: Negotiated;
  /** False when the client takes nothing that an object can be written in; `accept` is JSON then. */
  readonly acceptable: boolean;
  /** When the request came. */
  readonly now: Date;
  /** Texts for Warning headers, in order, each once. */
  readonly warnings: string[];
  /** Annotations for the audit event. */
  readonly annotations: Map<string, AuditAnnotation>;
  /** Of a watch: called when what is there has been sent, and it only waits for what comes. */
  initialized?: () => void;
  /** Reads are answered as of this revision, as by a cache that is behind; absent: as of now. */
  asOf?: number;
  /** A watch is broken off after so many events; absent: never. */
  breakAfterEvents?: number;
  /** What is recorded of the request, where it is audited. */
  audit?: RequestTrail;
  /** The connection, where the client asks to have it for another protocol. */
  readonly upgrade?: ConnectionUpgrade;
  /** Over when the client went away, the time for the request is over, or the server closes. */
  readonly life: Life;
}

/** A connection of HTTP/1.1 that can become one of another protocol. */
export interface ConnectionUpgrade {
  /** Takes it out of HTTP's hands, with what the client has sent already; who takes it must end it. */
  take(): Duplex;
}

/** What comes after so many warnings is never sent: these alone are too long. */
const MOST_WARNINGS = 4200;

/** Adds a warning, once; empty texts are passed over. */
export function warn(context: RequestContext, text: string): void {
  if (context.warnings.length >= MOST_WARNINGS) return;
  if (text !== '' && !context.warnings.includes(text)) context.warnings.push(text);
}

/** What admission and authorization have to say in the audit event, and from which of its levels on. */
export interface AuditAnnotation {
  readonly value: string;
  readonly level: 'Metadata' | 'Request';
}

/** Adds an annotation to the audit event; of several with one key the first one stays. */
export function annotate(
  { annotations }: RequestContext,
  key: string,
  value: string,
  level: AuditAnnotation['level'] = 'Metadata',
): void {
  if (!annotations.has(key)) annotations.set(key, { value, level });
}

/** The value of a header that may come once. */
export function header(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
