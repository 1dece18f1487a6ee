import { goQuote } from './field-error.ts';
import { type GroupResource, newFailure, qualified, type StatusError, type StatusReason } from './status.ts';

/** An answer of failure that is no Status: of a proxy, perhaps, or of a webhook. */
export interface ServerResponse {
  readonly code: number;
  /** Of the request; only whether it is POST matters for what is said. */
  readonly method: string;
  /** What the answer says, as much of it as is to be shown. */
  readonly said: string;
  /** 0: it does not say when to try again. */
  readonly retryAfterSeconds?: number;
  /** What the request was about; without it the message names nothing. */
  readonly subject?: GroupResource & { readonly name?: string };
}

/** Reason and message by code; those that are missing here have none of their own. */
const FAILURES: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

/** The failure that clients in Go make of an answer that is neither success nor a Status. */
export function newServerResponse(response: ServerResponse): StatusError {
  const { code, method, said, retryAfterSeconds = 0, subject } = response;
  const [reason, text] = reasonAndText(response);
  const about =
    subject === undefined
      ? ''
      : ` (${[method.toLowerCase(), qualified(subject), subject.name].filter(Boolean).join(' ')})`;
  return newFailure(code, reason, text + about, {
    ...(subject?.name && { name: subject.name }),
    ...(subject?.group && { group: subject.group }),
    ...(subject?.resource && { kind: subject.resource }),
    causes: [{ reason: 'UnexpectedServerResponse', message: said }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });
}

function reasonAndText({ code, method, said }: ServerResponse): readonly [StatusReason, string] {
  if (code === 403) return ['Forbidden', said];
  if (code === 415) return ['UnsupportedMediaType', said];
  if (code === 406 && said !== '' && said !== 'unknown') return ['NotAcceptable', said];
  if (code === 409 && method === 'POST') return ['AlreadyExists', FAILURES[409]![1]];
  const known = FAILURES[code];
  if (known !== undefined) return known;
  if (code >= 500)
    return ['InternalError', `an error on the server (${goQuote(said)}) has prevented the request from succeeding`];
  return ['Unknown', `the server responded with the status code ${code} but did not return more information`];
}
