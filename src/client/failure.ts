import {
  type GroupResource,
  isJsonObject,
  parseJson,
  qualified,
  type Status,
  StatusError,
  type StatusReason,
} from 'nekube/apimachinery';
import type { TransportResponse } from './transport.ts';

/** What a request is about, for the message of a failure of which the server says little. */
export interface Subject extends GroupResource {
  readonly name?: string;
}

/** Of a failure that is no Status (of a proxy, perhaps), so much is kept. */
const LONGEST_TEXT = 2048;

/** The error of an answer of failure: its Status, or one made of its code and text as client-go makes it. */
export function failureOf(
  method: string,
  response: TransportResponse,
  body: Uint8Array,
  subject?: Subject,
): StatusError {
  const text = Buffer.from(body).toString('utf8');
  const status = statusIn(text);
  if (status !== undefined) return new StatusError({ ...status, code: status.code ?? response.status });
  const type = headerOf(response, 'content-type') ?? '';
  const said = type === '' || type.startsWith('text/') ? text.slice(0, LONGEST_TEXT).trim() : 'unknown';
  return genericFailure(method, response.status, said, retryAfterSeconds(response) ?? 0, subject);
}

/** The one value of a header; of several the first. */
export function headerOf(response: TransportResponse, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}

/** How long the server asks to wait; undefined if it does not, or names a date. */
export function retryAfterSeconds(response: TransportResponse): number | undefined {
  const value = headerOf(response, 'retry-after');
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function statusIn(text: string): Status | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value = parseJson(text);
    return isJsonObject(value) && value.kind === 'Status' && value.status !== 'Success'
      ? (value as unknown as Status)
      : undefined;
  } catch {
    return undefined;
  }
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

function genericFailure(method: string, code: number, said: string, wait: number, subject?: Subject): StatusError {
  const [reason, text] = reasonAndText(method, code, said);
  const about =
    subject === undefined
      ? ''
      : ` (${[method.toLowerCase(), qualified(subject), subject.name].filter(Boolean).join(' ')})`;
  const details: Status['details'] = {
    ...(subject?.name && { name: subject.name }),
    ...(subject?.group && { group: subject.group }),
    ...(subject?.resource && { kind: subject.resource }),
    causes: [{ reason: 'UnexpectedServerResponse', message: said }],
    ...(wait > 0 && { retryAfterSeconds: wait }),
  };
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: text + about,
    reason,
    details,
    code,
  });
}

function reasonAndText(method: string, code: number, said: string): readonly [StatusReason, string] {
  if (code === 403) return ['Forbidden', said];
  if (code === 415) return ['UnsupportedMediaType', said];
  if (code === 406 && said !== '' && said !== 'unknown') return ['NotAcceptable', said];
  if (code === 409 && method === 'POST') return ['AlreadyExists', FAILURES[409]![1]];
  const known = FAILURES[code];
  if (known !== undefined) return known;
  if (code >= 500)
    return [
      'InternalError',
      `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`,
    ];
  return ['Unknown', `the server responded with the status code ${code} but did not return more information`];
}
