import {
  errorText,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  newInternalError,
  newServerResponse,
  parseJson,
  parseYaml,
  type Status,
  StatusError,
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
  return newServerResponse({ code, method: 'POST', said: shown, retryAfterSeconds: retryAfterSeconds ?? 0 });
}
