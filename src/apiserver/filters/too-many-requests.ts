import type { RequestContext } from '../context.ts';
import { sendText } from '../respond.ts';

/** 429, as text: the client is to come again in so many seconds. */
export function sendTooManyRequests(context: RequestContext, retryAfterSeconds: number): void {
  const { request, response } = context;
  if (response.destroyed || response.headersSent) return;
  response.setHeader('retry-after', String(retryAfterSeconds));
  response.setHeader('x-content-type-options', 'nosniff');
  // a body that was not read to its end would be taken for the next request
  if (!request.complete && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  sendText(context, 429, 'Too many requests, please try again later.\n');
  if (!request.complete) request.resume();
}
