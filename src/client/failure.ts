import {
  type GroupResource,
  isJsonObject,
  newServerResponse,
  parseJson,
  type Status,
  StatusError,
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
  return newServerResponse({
    code: response.status,
    method,
    said,
    ...(subject && { subject }),
    retryAfterSeconds: retryAfterSeconds(response) ?? 0,
  });
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
