import { newBadRequest, parseDuration } from 'nekube/apimachinery';
import { message } from '../body.ts';
import type { HttpResponse, RequestContext } from '../context.ts';
import type { Filter } from '../pipeline.ts';
import { type AuditOptions, auditFailure } from './audit.ts';
import { answerFailure } from './failures.ts';
import { isLongRunning } from './long-running.ts';

/** How long requests may take, unless they run long or ask for less (`--request-timeout` of kube-apiserver). */
export const REQUEST_DEADLINE_MS = 60_000;

/** What ends requests early. */
export interface LifetimeOptions {
  readonly maximumMs: number;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
  readonly audit?: AuditOptions | undefined;
  readonly log: (line: string) => void;
}

/**
 * Gives each request a signal of its own, which is aborted when the client goes away, the server closes, or the time
 * is over that a request may take: 60 seconds, or less if its query says so. The client then gets a 504, whatever
 * becomes of the work.
 * A `timeout` that is no duration is a BadRequest.
 */
export function withLifetime({ maximumMs, closing, audit, log }: LifetimeOptions): Filter {
  const living = new Set<AbortController>();
  closing.addEventListener('abort', () => living.forEach((life) => life.abort()), { once: true });
  return async (context, next) => {
    let timeoutMs: number | undefined;
    try {
      timeoutMs = isLongRunning(context.info) ? undefined : timeoutOf(context.query, maximumMs);
    } catch (error) {
      return answerFailure(auditFailure(context, audit, message(error)), error, log);
    }
    const life = new AbortController();
    const { response } = context;
    const abort = (): void => life.abort();
    living.add(life);
    response.once('close', abort);
    if (timeoutMs !== undefined && timeoutMs < 1) answerTimeout(context);
    if (closing.aborted || response.headersSent) abort();
    try {
      const work = next({ ...context, signal: life.signal });
      await (timeoutMs === undefined ? work : withinTime(context, work, timeoutMs, abort));
    } finally {
      living.delete(life);
      response.off('close', abort);
    }
  };
}

/** In milliseconds. @throws StatusError BadRequest */
function timeoutOf(query: URLSearchParams, maximumMs: number): number {
  const asked = query.get('timeout');
  if (asked === null || asked === '') return maximumMs;
  try {
    const ms = Number(parseDuration(asked)) / 1e6;
    return ms > 0 && ms < maximumMs ? ms : maximumMs;
  } catch (error) {
    throw newBadRequest(`invalid timeout specified in the request URL - ${message(error)}`);
  }
}

/** Settles as `work` does, or resolves when the time is over and that was answered. */
function withinTime(context: RequestContext, work: Promise<void>, ms: number, abort: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      answerTimeout(context);
      abort();
      resolve();
    }, ms);
    const settled = (): void => clearTimeout(timer);
    work.then(
      () => (settled(), resolve()),
      (error: unknown) => (settled(), reject(error as Error)),
    );
  });
}

/** A Status without kind and apiVersion, as text; an answer that has begun can only be broken off. */
function answerTimeout({ request, response, method }: RequestContext): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) return breakOff(response);
  if (!request.complete && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('content-length', TIMED_OUT.length);
  response.writeHead(504);
  response.end(method === 'HEAD' ? '' : TIMED_OUT);
  if (!request.complete) request.resume();
}

const TIMED_OUT =
  '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}\n';

function breakOff(response: HttpResponse): void {
  if ('stream' in response && response.stream !== undefined) response.stream.close(INTERNAL_ERROR);
  else response.destroy();
}

/** HTTP/2's INTERNAL_ERROR. */
const INTERNAL_ERROR = 2;
