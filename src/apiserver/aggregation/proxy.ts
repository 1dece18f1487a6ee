import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { signalWithin } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import { answeredHeaders, ask, type Backend, dialProblem, forwardedHeaders, setHeaders } from '../connect/backend.ts';
import { CORS_HEADERS } from '../connect/proxy.ts';
import { proxyUpgrade, wantsUpgrade } from '../connect/upgrade.ts';
import { sendBytes, writeHead } from '../respond.ts';
import { userHeaders } from './user-headers.ts';

/** Discovery is a cheap call that many wait for, so that it has little time. */
const DISCOVERY_MS = 5000;
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted';

/**
 * Hands a request on to the server of its API, in the name of who makes it, and its answer back.
 *
 * A path with `.` or `..` in it goes on as it stands, as from kube-apiserver: it was allowed so, and is another one when resolved.
 */
export async function proxyToApi(context: RequestContext, place: Backend): Promise<void> {
  const backend = targetOf(context, place);
  const headers = { ...userHeaders(context.user), host: backend.url.host, ...auditId(context) };
  if (wantsUpgrade(context) && context.upgrade !== undefined) return proxyUpgrade(context, backend, headers);
  let response: IncomingMessage;
  try {
    response = await request(context, backend, headers);
  } catch (error) {
    return sendPlainError(context, 503, `error trying to reach service: ${problemOf(error, backend)}`);
  }
  try {
    await answer(context, response);
  } catch (error) {
    // what cannot be told is not waited for either
    response.destroy();
    throw error;
  }
}

/** Answers as Go's http.Error does. */
export function sendPlainError(context: RequestContext, code: number, text: string): void {
  context.response.setHeader('x-content-type-options', 'nosniff');
  sendBytes(context, code, 'text/plain; charset=utf-8', Buffer.from(`${text}\n`));
}

/**
 * The same path at another place; the query is written anew, by its keys. Dots go on as they are: who asks may have what the path
 * says with them, and not what it says without.
 */
function targetOf({ info, query }: RequestContext, place: Backend): Backend {
  const path = escapePath(info.path);
  const sorted = new URLSearchParams(query);
  sorted.sort();
  const search = sorted.size === 0 ? '' : `?${sorted}`;
  return { ...place, url: new URL(`${place.url.origin}${path}${search}`), path: `${path}${search}` };
}

/** A path as Go's EscapedPath writes it. */
function escapePath(path: string): string {
  return encodeURI(path).replace(/[?#!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
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
    headers: { ...headers, 'x-forwarded-uri': posix.normalize(escapePath(info.path)) },
    signal: isDiscovery ? signalWithin(life.signal, DISCOVERY_MS) : life.signal,
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
  setHeaders(context, headers);
  writeHead(context, code, {});
  if ('flushHeaders' in context.response) context.response.flushHeaders();
  await pipeline(response, context.response as unknown as NodeJS.WritableStream).catch(() => response.destroy());
}
