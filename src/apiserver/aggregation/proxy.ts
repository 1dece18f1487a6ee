import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { RequestContext } from '../context.ts';
import { answeredHeaders, ask, type Backend, dialProblem, forwardedHeaders } from '../connect/backend.ts';
import { CORS_HEADERS } from '../connect/proxy.ts';
import { proxyUpgrade, wantsUpgrade } from '../connect/upgrade.ts';
import { sendBytes, sendPageNotFound, writeHead } from '../respond.ts';
import { userHeaders } from './user-headers.ts';

/** Discovery is a cheap call that many wait for, so that it has little time. */
const DISCOVERY_MS = 5000;
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted';

/** A segment of a path by which URLs lead elsewhere. */
const DOTS = /(^|\/)\.\.?(\/|$)/;

/**
 * Hands a request on to the server of its API, in the name of who makes it, and its answer back.
 *
 * A path with `.` or `..` in it is not found: the server would be asked for another one than that which was allowed.
 */
export async function proxyToApi(context: RequestContext, place: Backend): Promise<void> {
  if (DOTS.test(context.info.path)) return sendPageNotFound(context);
  const backend = { ...place, url: targetOf(context, place.url) };
  const headers = { ...userHeaders(context.user), host: backend.url.host, ...auditId(context) };
  if (wantsUpgrade(context) && context.upgrade !== undefined) return proxyUpgrade(context, backend, headers);
  let response: IncomingMessage;
  try {
    response = await request(context, backend, headers);
  } catch (error) {
    return sendPlainError(context, 503, `error trying to reach service: ${problemOf(error, backend)}`);
  }
  await answer(context, response);
}

/** Answers as Go's http.Error does. */
export function sendPlainError(context: RequestContext, code: number, text: string): void {
  context.response.setHeader('x-content-type-options', 'nosniff');
  sendBytes(context, code, 'text/plain; charset=utf-8', Buffer.from(`${text}\n`));
}

/** The same path at another place; the query is written anew, by its keys. */
function targetOf({ info, query }: RequestContext, place: URL): URL {
  const url = new URL(place.href);
  url.pathname = encodeURI(info.path).replace(/[?#]/g, encodeURIComponent);
  const sorted = new URLSearchParams(query);
  sorted.sort();
  url.search = sorted.toString();
  return url;
}

function auditId({ response }: RequestContext): OutgoingHttpHeaders {
  const id = response.getHeader('audit-id');
  return id === undefined ? {} : { 'audit-id': String(id) };
}

function request(context: RequestContext, backend: Backend, own: OutgoingHttpHeaders): Promise<IncomingMessage> {
  const { request: received, method, life, info } = context;
  const headers = { ...forwardedHeaders(received, { upgrade: false }), ...own };
  const hasBody = received.headers['content-length'] !== undefined || 'transfer-encoding' in received.headers;
  const streams = hasBody || (method !== 'GET' && method !== 'HEAD' && received.httpVersionMajor === 2);
  const isDiscovery = !info.isResource && info.path.replace(/^\/+|\/+$/g, '').split('/').length === 3;
  return ask(backend, {
    method,
    headers: { ...headers, 'x-forwarded-uri': backend.url.pathname },
    signal: isDiscovery ? AbortSignal.any([life.signal, AbortSignal.timeout(DISCOVERY_MS)]) : life.signal,
    ...(streams && { body: received as unknown as Readable }),
  });
}

/** Go's words for what an exchange failed with. */
export function problemOf(error: unknown, backend: Backend): string {
  const { name } = error as Error;
  return name === 'AbortError' || name === 'TimeoutError' ? 'context deadline exceeded' : dialProblem(error, backend);
}

async function answer(context: RequestContext, response: IncomingMessage): Promise<void> {
  const code = response.statusCode ?? 502;
  if (code >= 300 && code < 400 && response.headers.location) {
    response.destroy();
    return sendBytes(context, 502, 'text/plain; charset=utf-8', Buffer.from(REDIRECTED));
  }
  const headers = answeredHeaders(response);
  for (const name of CORS_HEADERS) delete headers[name];
  for (const [name, values] of Object.entries(headers)) context.response.setHeader(name, values);
  writeHead(context, code, {});
  if ('flushHeaders' in context.response) context.response.flushHeaders();
  await pipeline(response, context.response as unknown as NodeJS.WritableStream).catch(() => response.destroy());
}
