import {
  newConflict,
  newFailure,
  newForbidden,
  newInternalError,
  newNotFound,
  newTimeoutError,
  newTooManyRequests,
  type Status,
  StatusError,
} from 'nekube/apimachinery';
import { breakOff, type Filter, type RequestContext } from 'nekube/apiserver';
import { type Clock, sleep } from 'nekube/client';
import { checkMatch, matchedOf, matches, type RequestMatch } from './request-match.ts';

/** What the server answers instead of what it should: by name, by code, or word for word. */
export type FaultError =
  | 'conflict'
  | 'notFound'
  | 'forbidden'
  | 'tooManyRequests'
  | 'internal'
  | 'unavailable'
  | 'timeout'
  | 'disconnect'
  | 409
  | 404
  | 403
  | 429
  | 500
  | 503
  | 504
  | Omit<Status, 'kind' | 'apiVersion' | 'metadata'>;

/** What goes wrong, and with which requests. What is said together happens together, the delay first. */
export interface FaultOptions {
  /** Default: all requests. */
  readonly match?: RequestMatch;
  /** So often; default: until it is removed. */
  readonly times?: number;
  /** Requests that match are let through before the first one that it happens to; default 0. */
  readonly after?: number;
  /** The request is answered with it, and not done. `disconnect`: it is not done, and there is no answer. */
  readonly error?: FaultError;
  /** The request is done, and then there is no answer: the client cannot know. */
  readonly loseAnswer?: boolean;
  /** It begins so much later, by the clock of the environment. */
  readonly delayMs?: number;
  /** A watch is broken off after so many events. */
  readonly dropWatchAfter?: number;
  /** Gets and lists are answered as of this revision, as by a cache that is behind. */
  readonly staleAsOf?: string | number;
}

/** A fault that is there. */
export interface Fault {
  /** To how many requests it happened. */
  readonly hits: number;
  remove(): void;
}

/** Faults that a test puts in the way of requests, between their authentication and all else: every client meets them. */
export class Faults {
  readonly #active: ActiveFault[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds one; of several that match, each happens. @throws RangeError if nothing is to go wrong */
  add(options: FaultOptions): Fault {
    const { error, loseAnswer, delayMs, dropWatchAfter, staleAsOf } = options;
    if ([error, loseAnswer, delayMs, dropWatchAfter, staleAsOf].every((part) => part === undefined))
      throw new RangeError('A fault must say what goes wrong: error, loseAnswer, delayMs, dropWatchAfter or staleAsOf');
    checkMatch(options.match);
    checkError(error);
    checkNumbers(options);
    const fault = new ActiveFault(options, () => {
      const at = this.#active.indexOf(fault);
      if (at >= 0) this.#active.splice(at, 1);
    });
    this.#active.push(fault);
    return fault;
  }

  /** Removes all. */
  clear(): void {
    this.#active.length = 0;
  }

  /** What requests pass in the server. */
  readonly filter: Filter = async (context, next) => {
    if (this.#active.length === 0) return next(context);
    const request = matchedOf(context);
    const met = this.#active.filter((fault) => fault.meets(request));
    for (const { options } of met) await this.#prepare(context, options);
    const failure = met.map(({ options }) => options.error).find((error) => error !== undefined);
    if (failure === 'disconnect') return breakOff(context.response);
    if (failure !== undefined) throw errorOf(failure, context);
    if (!met.some(({ options }) => options.loseAnswer)) return next(context);
    loseAnswer(context);
    return next(context);
  };

  async #prepare(context: RequestContext, { delayMs, dropWatchAfter, staleAsOf }: FaultOptions): Promise<void> {
    if (delayMs !== undefined) await sleep(delayMs, this.#clock, context.life.signal).catch(() => {});
    if (dropWatchAfter !== undefined) context.breakAfterEvents = dropWatchAfter;
    if (staleAsOf !== undefined) context.asOf = Number(staleAsOf);
  }
}

const NAMES = 'conflict notFound forbidden tooManyRequests internal unavailable timeout disconnect'.split(' ');
const CODES = [409, 404, 403, 429, 500, 503, 504];

/** A name that is mistyped would be a failure that nobody meant. */
function checkError(error: unknown): void {
  if (error === undefined || NAMES.includes(error as string) || CODES.includes(error as number)) return;
  if (typeof error !== 'object' || error === null)
    throw new RangeError(
      `The error of a fault must be a Status, or one of ${[...NAMES, ...CODES].join(', ')}, not ${JSON.stringify(error)}`,
    );
  const { code } = error as { readonly code?: unknown };
  if (!Number.isInteger(code) || Number(code) < 200 || Number(code) > 599)
    throw new RangeError(`The Status of a fault must have a code from 200 to 599, not ${String(code)}`);
}

function checkNumbers({ times, after, delayMs, dropWatchAfter, staleAsOf }: FaultOptions): void {
  const numbers = { times, after, delayMs, dropWatchAfter, staleAsOf };
  for (const [name, value] of Object.entries(numbers))
    if (value !== undefined && !(Number(value) >= 0 && value !== ''))
      throw new RangeError(`${name} of a fault must be a number from 0, not ${JSON.stringify(String(value))}`);
}

class ActiveFault implements Fault {
  readonly options: FaultOptions;
  readonly remove: () => void;
  hits = 0;
  #passed = 0;

  constructor(options: FaultOptions, remove: () => void) {
    this.options = options;
    this.remove = remove;
  }

  /** Whether it happens to a request; counts it then. */
  meets(request: Parameters<typeof matches>[1]): boolean {
    const { match = {}, times = Number.POSITIVE_INFINITY, after = 0 } = this.options;
    if (!matches(match, request)) return false;
    if (this.#passed++ < after || this.hits >= times) return false;
    this.hits++;
    return true;
  }
}

/** What is written goes nowhere, and the connection ends with the first of it. */
function loseAnswer({ response }: RequestContext): void {
  const lose = (): typeof response => {
    breakOff(response);
    return response;
  };
  Object.assign(response, { writeHead: lose, write: lose, end: lose });
}

function errorOf(error: Exclude<FaultError, 'disconnect'>, { info }: RequestContext): StatusError {
  const resource = { group: info.group, resource: info.resource };
  switch (error) {
    case 'conflict':
    case 409:
      return newConflict(
        resource,
        info.name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    case 'notFound':
    case 404:
      return newNotFound(resource, info.name);
    case 'forbidden':
    case 403:
      return newForbidden(resource, info.name, 'a fault of the test');
    case 'tooManyRequests':
    case 429:
      return newTooManyRequests('Too many requests, please try again later.', 1);
    case 'internal':
    case 500:
      return newInternalError('a fault of the test');
    case 'unavailable':
    case 503:
      return newFailure(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
    case 'timeout':
    case 504:
      return newTimeoutError('a fault of the test', 0);
    default:
      return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, ...error });
  }
}
