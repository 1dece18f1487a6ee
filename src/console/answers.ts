import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JsonValue, newBadRequest, newFailure, parseJson, StatusError, stringifyJson } from 'nekube/apimachinery';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What every answer says to browsers, also those of the cluster's. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

/** What is neither page nor script, whatever it contains: opened by itself it may do nothing at all. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, value: JsonValue, code = 200): void {
  sendText(response, stringifyJson(value), { code, type: 'application/json', policy: DATA_POLICY });
}

/** Answers with a failure, as an API server does. A failure that is no Status is told as an InternalError. */
export function sendFailure(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status } = StatusError.from(thrown);
  sendJson(response, status as unknown as JsonValue, isFailure(status.code) ? status.code : 500);
}

/** A cluster may say any code, also one that ends no answer, or that cannot be written. */
function isFailure(code: unknown): code is number {
  return Number.isInteger(code) && (code as number) >= 400 && (code as number) < 600;
}

/** Answers with a text, or with bytes. */
export function sendText(
  response: ServerResponse,
  text: string | Uint8Array,
  { code = 200, type, policy }: { readonly code?: number; readonly type: string; readonly policy?: string },
): void {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  response.writeHead(code, {
    'content-type': type,
    'content-length': body.length,
    ...(policy !== undefined && { 'content-security-policy': policy }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/**
 * A request's body, whole.
 *
 * @throws StatusError `RequestEntityTooLarge` as soon as that is known
 */
export async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBytes)
      throw newFailure(413, 'RequestEntityTooLarge', `a body must have no more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** As much as an API server takes. */
export const MOST_BODY_BYTES = 3 * 1024 * 1024;

/** A request's body as JSON; undefined without one. @throws StatusError `BadRequest`, `RequestEntityTooLarge` */
export async function jsonOf(request: IncomingMessage): Promise<JsonValue | undefined> {
  const body = await bodyOf(request, MOST_BODY_BYTES);
  if (body.length === 0) return undefined;
  try {
    return parseJson(body);
  } catch (error) {
    throw newBadRequest(`the body must be JSON: ${(error as Error).message}`);
  }
}

/** An answer of the console's own takes no longer. */
const LONGEST_MS = 60_000;

/** Aborted when nobody waits for an answer any more, or has waited long enough. */
export function goneOrLate(response: ServerResponse): AbortSignal {
  const stop = new AbortController();
  // requests to the cluster that are made at once listen to it each
  setMaxListeners(0, stop.signal);
  const late = newFailure(504, 'Timeout', `it took longer than ${LONGEST_MS / 1000} s`);
  const timer = setTimeout(() => stop.abort(late), LONGEST_MS).unref();
  response.once('close', () => {
    clearTimeout(timer);
    stop.abort();
  });
  return stop.signal;
}
