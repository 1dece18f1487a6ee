import type { IncomingMessage, ServerResponse } from 'node:http';
import { newFailure, type Status, StatusError, type StatusReason } from 'nekube/apimachinery';

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
export function sendJson(response: ServerResponse, value: unknown, code = 200): void {
  sendText(response, JSON.stringify(value), { code, type: 'application/json', policy: DATA_POLICY });
}

/** Answers with a failure, as an API server does. A failure that is no Status is told as an InternalError. */
export function sendFailure(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status } = StatusError.from(thrown);
  sendJson(response, status, status.code ?? 500);
}

/** Answers with a text. */
export function sendText(
  response: ServerResponse,
  text: string,
  { code = 200, type, policy }: { readonly code?: number; readonly type: string; readonly policy?: string },
): void {
  const body = Buffer.from(text);
  response.writeHead(code, {
    'content-type': type,
    'content-length': body.length,
    ...(policy !== undefined && { 'content-security-policy': policy }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** A failure in words of ours. */
export function failure(code: number, reason: StatusReason, message: string): StatusError {
  return newFailure(code, reason, message);
}

/** What is said of a cluster that does not answer. */
export function unreachable(cause: unknown): StatusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(failure(503, 'ServiceUnavailable', `the cluster does not answer: ${why}`).status, { cause });
}

/** The status of a failure, whatever was thrown. */
export function statusOf(thrown: unknown): Status {
  return StatusError.from(thrown).status;
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
      throw failure(413, 'RequestEntityTooLarge', `a body must have no more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
