import { gzip } from 'node:zlib';
import {
  type JsonValue,
  type KubeObject,
  type Status,
  type StatusError,
  stringifyJson,
  stringifyYaml,
} from 'nekube/apimachinery';
import { header, type HttpResponse, type RequestContext } from './context.ts';
import { encodeKubeProtobuf } from './protobuf.ts';
import { limitWarnings } from './warnings.ts';

/** Answers below this many bytes are not compressed (kube-apiserver's threshold). */
const GZIP_THRESHOLD_BYTES = 128 * 1024;

/** HTTP/2's INTERNAL_ERROR. */
const INTERNAL_ERROR = 2;

/** Sends a body of a known type. Compresses it where the client accepts that and it pays. */
export function sendBytes(context: RequestContext, code: number, contentType: string, body: Uint8Array): void {
  const { request, response } = context;
  context.audit?.responseCode(code);
  if (body.byteLength < GZIP_THRESHOLD_BYTES || !/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) {
    writeHead(context, code, { 'content-type': contentType, 'content-length': body.byteLength });
    end(response, context.method === 'HEAD' ? undefined : body);
    return;
  }
  gzip(body, { level: 1 }, (error, packed) => {
    const [data, extra] = error ? [body, {}] : [packed, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }];
    writeHead(context, code, { 'content-type': contentType, 'content-length': data.byteLength, ...extra });
    end(response, context.method === 'HEAD' ? undefined : data);
  });
}

function end(response: HttpResponse, body: Uint8Array | undefined): void {
  if (response.destroyed || response.writableEnded) return;
  if (body === undefined) response.end();
  else response.end(body);
}

/** Ends an answer so that the client knows it is not whole, or that there is none. */
export function breakOff(response: HttpResponse): void {
  if ('breakOff' in response) response.breakOff();
  else if ('stream' in response && response.stream !== undefined) {
    const { stream } = response;
    // not while its connection is being read, perhaps by who calls: Node would go on in streams that it has freed
    setImmediate(() => stream.close(INTERNAL_ERROR));
  } else response.destroy();
}

/** Writes the status line and the headers that every answer has. */
export function writeHead(context: RequestContext, code: number, headers: Record<string, string | number>): void {
  const { response } = context;
  context.audit?.responseCode(code);
  if (response.destroyed || response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (context.warnings.length > 0) response.setHeader('warning', limitWarnings(context.warnings).map(warningHeader));
  response.writeHead(code);
}

/** RFC 7234 section 5.5 as apimachinery's net.NewWarningHeader writes it, in UTF-8: Node takes a character for a byte. */
function warningHeader(text: string): string {
  const clean = text.replace(/[\x00-\x1f\x7f]/g, ' ');
  return Buffer.from(`299 - "${clean.replace(/["\\]/g, '\\$&')}"`).toString('latin1');
}

/** The bytes of an object in the negotiated encoding. */
export function encodeObject(context: Pick<RequestContext, 'accept'>, object: KubeObject | JsonValue): Buffer {
  const { encoding, pretty } = context.accept;
  const value = object as JsonValue;
  if (encoding === 'yaml') return Buffer.from(stringifyYaml(value));
  if (encoding === 'protobuf') {
    const bytes = encodeKubeProtobuf(object as KubeObject);
    if (bytes !== undefined) return bytes;
  }
  return Buffer.from(`${pretty ? prettyJson(value) : stringifyJson(value)}\n`);
}

function prettyJson(value: JsonValue): string {
  return JSON.stringify(JSON.parse(stringifyJson(value)), undefined, 2);
}

/** Sends an object in the negotiated encoding. */
export function sendObject(context: RequestContext, code: number, object: KubeObject | JsonValue): void {
  sendEncoded(context, code, encodeObject(context, object));
}

/** Sends the bytes of an object that is written in the negotiated encoding, and has them audited. */
export function sendEncoded(context: RequestContext, code: number, body: Uint8Array): void {
  context.audit?.responseObject(body, context.accept);
  sendBytes(context, code, context.accept.mediaType, body);
}

/** Sends a failure as a Status, with Retry-After where it names a delay. */
export function sendError(context: RequestContext, error: StatusError): void {
  const { status } = error;
  const retry = status.details?.retryAfterSeconds;
  if (retry && !context.response.headersSent) context.response.setHeader('retry-after', String(retry));
  const body = encodeObject(context, status as unknown as JsonValue);
  // what the router says, before there is anybody who audits
  if (/^(406|415): /.test(status.message ?? ''))
    return sendBytes(context, status.code ?? 500, context.accept.mediaType, body);
  context.audit?.responseStatus(status);
  sendEncoded(context, status.code ?? 500, body);
}

/** Sends a Status of success. */
export function sendStatus(
  context: RequestContext,
  code: number,
  status: Omit<Status, 'kind' | 'apiVersion' | 'metadata'>,
): void {
  const whole: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, ...status };
  context.audit?.responseStatus(whole);
  sendObject(context, code, whole as unknown as JsonValue);
}

/** Sends plain text. */
export function sendText(context: RequestContext, code: number, text: string): void {
  sendBytes(context, code, 'text/plain; charset=utf-8', Buffer.from(text));
}

/** Go's answer for a path that nobody serves. */
export function sendPageNotFound(context: RequestContext): void {
  context.response.setHeader('x-content-type-options', 'nosniff');
  sendText(context, 404, '404 page not found\n');
}
