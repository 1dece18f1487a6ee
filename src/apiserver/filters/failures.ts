import { StatusError } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import type { Filter } from '../pipeline.ts';
import { sendError } from '../respond.ts';

/**
 * Answers what is thrown further on with its Status; what is none is an InternalError.
 *
 * @param log gets a line for each failure that is the server's own fault
 */
export function withFailures(log: (line: string) => void): Filter {
  return async (context, next) => {
    try {
      await next(context);
    } catch (error) {
      answerFailure(context, error, log);
    }
  };
}

/** Answers with what was thrown, if there can still be an answer. */
export function answerFailure(context: RequestContext, error: unknown, log: (line: string) => void): void {
  const { request, response } = context;
  const failure = StatusError.from(error);
  if ((failure.status.code ?? 500) >= 500 && failure.cause !== undefined) log(lineOf(context, failure));
  if (response.destroyed || response.writableEnded) {
    context.audit?.responseStatus(failure.status);
    context.audit?.responseCode(failure.status.code ?? 500);
    return;
  }
  if (response.headersSent) {
    response.end();
    return;
  }
  // a body that was not read to its end would be taken for the next request
  if (!request.complete && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  try {
    sendError(context, failure);
  } catch (second) {
    log(lineOf(context, new StatusError(failure.status, { cause: second })));
    response.destroy();
  }
  if (!request.complete) request.resume();
}

function lineOf(context: RequestContext, { cause }: StatusError): string {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return `${context.method} ${context.info.path}: ${text}`;
}
