import {
  errorText,
  goQuote,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  newFailure,
  newInternalError,
  parseJson,
  parseYaml,
  type Status,
  StatusError,
  type StatusReason,
} from 'nekube/apimachinery';

/** What a webhook has answered. */
export interface WebhookAnswer {
  readonly code: number;
  /** Empty if there was none. */
  readonly contentType: string;
  readonly body: Buffer;
  /** Seconds of a Retry-After header that is a number. */
  readonly retryAfterSeconds?: number;
}

/** How much of an unexpected answer a message may show. */
const MAX_SHOWN_BYTES = 2048;

/** The object of an answer. @throws Error, StatusError with the words of client-go for an answer that is none */
export function objectOf(answer: WebhookAnswer): JsonObject {
  const { code, body, contentType } = answer;
  if (code < 200 || code > 206) throw statusIn(body) ?? unexpectedAnswer(answer);
  if (body.length === 0)
    throw new Error(
      `0-length response with status code: ${code} and content type: ${contentType || 'application/json'}`,
    );
  checkMediaType(contentType);
  return parseObject(body);
}

function checkMediaType(contentType: string): void {
  if (contentType === '' || /^[^\s/;]+\/[^\s/;]+\s*(;|$)/.test(contentType.trim())) return;
  throw newInternalError('mime: expected slash after first token');
}

/** JSON where it begins as an object, else YAML. */
function parseObject(body: Buffer): JsonObject {
  const text = body.toString();
  const value = text.trimStart().startsWith('{') ? parseAsJson(text) : parseYaml(text);
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new Error(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  );
}

function parseAsJson(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    const why = errorText(cause);
    throw new Error(`couldn't get version/kind; json parse error: ${why}`, { cause });
  }
}

/** The Status that a failure's body may be. */
function statusIn(body: Buffer): StatusError | undefined {
  try {
    const value = parseJson(body.toString());
    if (!isJsonObject(value) || (value.kind ?? 'Status') !== 'Status' || value.status !== 'Failure') return undefined;
    return statusError(value);
  } catch {
    return undefined;
  }
}

function statusError(value: JsonObject): StatusError {
  const { message, reason, details, code } = value as unknown as Status;
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' };
  if (message) status.message = message;
  if (reason) status.reason = reason;
  if (details) status.details = details;
  status.code = code ?? 500;
  return new StatusError(status);
}

/** What client-go makes of an answer that is neither success nor a Status. */
function unexpectedAnswer({ code, body, contentType, retryAfterSeconds }: WebhookAnswer): StatusError {
  const isText = contentType === '' || contentType.trimStart().toLowerCase().startsWith('text/');
  const shown = isText ? body.subarray(0, MAX_SHOWN_BYTES).toString().trim() : 'unknown';
  const [reason, message] = wordsFor(code, shown);
  const causes = [{ reason: 'UnexpectedServerResponse', message: shown }];
  return newFailure(code, reason, message, { causes, ...(retryAfterSeconds && { retryAfterSeconds }) });
}

const WORDS: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['AlreadyExists', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

function wordsFor(code: number, shown: string): readonly [StatusReason, string] {
  if (code === 403) return ['Forbidden', shown];
  if (code === 415) return ['UnsupportedMediaType', shown];
  if (code === 406) {
    const unable = 'the server was unable to respond with a content type that the client supports';
    return ['NotAcceptable', shown === '' || shown === 'unknown' ? unable : shown];
  }
  const known = WORDS[code];
  if (known !== undefined) return known;
  if (code >= 500)
    return ['InternalError', `an error on the server (${goQuote(shown)}) has prevented the request from succeeding`];
  return ['Unknown', `the server responded with the status code ${code} but did not return more information`];
}
