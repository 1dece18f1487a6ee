import { errorText, newBadRequest, parseDuration } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import type { Life } from '../life.ts';
import type { Filter } from '../pipeline.ts';
import { breakOff } from '../respond.ts';
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
 * Ends the life of a request when the server closes, or the time is over that it may take: 60 seconds, or less if its
 * query says so. The client then gets a 504, whatever becomes of the work.
 * A `timeout` that is no duration is a BadRequest.
 */
export function withLifetime({ maximumMs, closing, audit, log }: LifetimeOptions): Filter {
  const living = new Living(closing);
  return async (context, next) => {
    let timeoutMs: number | undefined;
    try {
      timeoutMs = isLongRunning(context.info) ? undefined : timeoutOf(context.query, maximumMs);
    } catch (error) {
      auditFailure(context, audit, errorText(error));
      return answerFailure(context, error, log);
    }
    const { life, response } = context;
    if (timeoutMs !== undefined && timeoutMs < 1) answerTimeout(context);
    if (closing.aborted || response.headersSent) life.end();
    living.add(life, closing.aborted ? undefined : timeoutMs);
    try {
      const work = next(context);
      await (timeoutMs === undefined ? work : withinTime(context, work));
    } finally {
      living.delete(life);
      life.settle();
    }
  };
}

/** The requests that are being served. One timer is set for the deadline that comes first, not one for each. */
class Living {
  readonly #lives = new Set<Life>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(closing: AbortSignal) {
    const close = (): void => {
      clearTimeout(this.#timer);
      for (const life of this.#lives) life.end();
    };
    closing.addEventListener('abort', close, { once: true });
  }

  add(life: Life, timeoutMs: number | undefined): void {
    this.#lives.add(life);
    if (timeoutMs === undefined) return;
    life.deadline = performance.now() + timeoutMs;
    this.#timer?.ref();
    if (life.deadline < this.#wakesAt) this.#wakeAt(life.deadline);
  }

  delete(life: Life): void {
    this.#lives.delete(life);
    // it stays for those who come, but a process without requests need not wait for it
    if (this.#lives.size === 0) this.#timer?.unref();
  }

  /** By then the request may be served long since, and others wait for the timer. */
  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, time - performance.now()));
  }

  #wake(): void {
    // timers may come a little early
    const now = performance.now() + 1;
    let earliest = Number.POSITIVE_INFINITY;
    this.#wakesAt = earliest;
    for (const life of this.#lives) {
      if (life.deadline <= now) {
        this.#lives.delete(life);
        life.expire?.();
      } else earliest = Math.min(earliest, life.deadline);
    }
    if (earliest < this.#wakesAt) this.#wakeAt(earliest);
  }
}

/** In milliseconds. @throws StatusError BadRequest */
function timeoutOf(query: URLSearchParams, maximumMs: number): number {
  const asked = query.get('timeout');
  if (asked === null || asked === '') return maximumMs;
  try {
    const ms = Number(parseDuration(asked)) / 1e6;
    return ms > 0 && ms < maximumMs ? ms : maximumMs;
  } catch (error) {
    throw newBadRequest(`invalid timeout specified in the request URL - ${errorText(error)}`);
  }
}

/** Settles as `work` does, or resolves when the time is over and that was answered. */
function withinTime(context: RequestContext, work: Promise<void>): Promise<void> {
  const { life } = context;
  return new Promise((resolve, reject) => {
    life.expire = () => {
      answerTimeout(context);
      life.end();
      resolve();
    };
    work.then(resolve, reject);
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
