import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { PeerCertificate } from 'node:tls';
import type { Readable } from 'node:stream';
import { goQuote } from 'nekube/apimachinery';
import { header, type HttpRequest, type RequestContext } from '../context.ts';
import { certificateProblem, networkProblem } from '../webhooks/network-error.ts';
import { hostPort, type KubeletOptions } from './node-connection.ts';

/** A server behind this one, and what is asked of it. */
export interface Backend {
  /** The URL by which it is known, also in errors. */
  readonly url: URL;
  /** The path and query to ask for, where they are to go on as they are: a URL resolves dots. Default: the URL's. */
  readonly path?: string;
  /** Where it is reached, if elsewhere. */
  readonly at?: { readonly host: string; readonly port: number };
  readonly tls: Pick<
    RequestOptions,
    'cert' | 'key' | 'ca' | 'rejectUnauthorized' | 'checkServerIdentity' | 'servername'
  >;
  /** Keeps connections for what is only read, so that it need not begin with one each time; default: none are kept. */
  readonly agent?: Agent;
}

/** The TLS to a kubelet: verified where a CA is known. */
export function kubeletTls(
  { clientCert, clientKey, ca }: KubeletOptions,
  host: string,
  insecure = false,
): Backend['tls'] {
  return {
    ...(clientCert !== undefined && { cert: clientCert }),
    ...(clientKey !== undefined && { key: clientKey }),
    ...(ca !== undefined && !insecure
      ? { ca, checkServerIdentity: (_: string, certificate: PeerCertificate) => certificateProblem(host, certificate) }
      : { rejectUnauthorized: false }),
  };
}

/** The TLS to what pods and services serve: whoever it is. */
export const UNVERIFIED: Backend['tls'] = { rejectUnauthorized: false };

/** What node:http is to be asked with. */
export function requestOptions({ url, path, at, tls }: Backend): RequestOptions {
  const host = at?.host ?? url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: at?.port ?? Number(url.port || (url.protocol === 'http:' ? 80 : 443)),
    path: path ?? `${url.pathname}${url.search}`,
    ...(url.protocol === 'https:' && tls),
  };
}

const READING = new Set(['GET', 'HEAD']);

/** Asks a backend, on a connection of its own or a kept one. @throws Error of node:net or node:tls */
export function ask(
  backend: Backend,
  call: {
    readonly method: string;
    readonly headers: OutgoingHttpHeaders;
    readonly body?: Readable;
    signal?: AbortSignal;
  },
): Promise<IncomingMessage> {
  const { method, headers, body, signal } = call;
  const agent = (READING.has(method) && body === undefined && backend.agent) || false;
  return new Promise((resolve, reject) => {
    const send = backend.url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request: ClientRequest = send({
      ...requestOptions(backend),
      method,
      headers: { host: backend.url.host, ...headers },
      agent,
      ...(signal && { signal }),
    });
    request.once('response', resolve);
    request.once('upgrade', ({ headers: { upgrade = '' } }, socket) => {
      socket.destroy();
      reject(new Error(`backend tried to switch protocol ${goQuote(upgrade)} when "" was requested`));
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      // a kept connection may have been closed by the other side, unseen: nothing of the request was read then
      const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      if (!isStale || signal?.aborted) return reject(error);
      const { agent: _, ...fresh } = backend;
      resolve(ask(fresh, call));
    });
    if (body === undefined) request.end();
    else body.pipe(request);
  });
}

/** Go's words for what a connection to a backend failed with. */
export function dialProblem(error: unknown, { url }: Backend): string {
  const port = url.port || (url.protocol === 'http:' ? 80 : 443);
  return networkProblem(error, hostPort(url.hostname.replace(/^\[|\]$/g, ''), port));
}

/** Headers that are about who asks here, and of nobody's business further on. */
const OWN = /^(authorization|impersonate-.*|x-remote-.*)$/;
/** Headers that are about one connection (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
const BEARER_PROTOCOL = /^base64url\.bearer\.authorization\.k8s\.io\./;

/**
 * The headers of a request as they go on to a backend: without credentials, and with the client's address.
 *
 * @param options `upgrade`: those about the connection stay
 */
export function forwardedHeaders(
  request: HttpRequest,
  { upgrade }: { readonly upgrade: boolean },
): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  const dropped = new Set(upgrade ? [] : connectionOptions(request));
  const raw = request.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (name.startsWith(':') || OWN.test(name) || dropped.has(name) || (!upgrade && HOP_BY_HOP.has(name))) continue;
    (headers[name] ??= []).push(name === 'sec-websocket-protocol' ? withoutTokens(raw[i + 1]!) : raw[i + 1]!);
  }
  const client = request.socket?.remoteAddress?.replace(/^::ffff:/, '');
  if (client !== undefined) headers['x-forwarded-for'] = [[...(headers['x-forwarded-for'] ?? []), client].join(', ')];
  const host = header(request, 'host') ?? header(request, ':authority');
  const { host: _, ...others } = headers;
  return { ...others, ...(host !== undefined && { host }) };
}

/** Names of headers that the request says are about its connection. */
function connectionOptions(request: HttpRequest): string[] {
  return (header(request, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
}

function withoutTokens(protocols: string): string {
  const kept = protocols.split(',').map((protocol) => protocol.trim());
  return kept.filter((protocol) => !BEARER_PROTOCOL.test(protocol)).join(', ');
}

/** Headers that HTTP/2 of Node refuses to send more than once; of HTTP/1.1 most are what a client takes the first of. */
const ONCE =
  /^(age|content-(encoding|language|length|location|md5|range|type)|date|etag|expires|host|last-modified|location|max-forwards|retry-after|server|tk|x-content-type-options|access-control-(allow-credentials|max-age))$/;

/** Sets the headers of an answer, as far as the client's protocol can have them. */
export function setHeaders({ request, response }: RequestContext, headers: Readonly<Record<string, string[]>>): void {
  const isOnce = (name: string): boolean => request.httpVersionMajor === 2 && ONCE.test(name);
  for (const [name, values] of Object.entries(headers)) response.setHeader(name, isOnce(name) ? values[0]! : values);
}

/** The headers of an answer as they go on to the client. */
export function answeredHeaders(response: IncomingMessage): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const dropped = new Set((response.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
    const name = response.rawHeaders[i]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && !dropped.has(name)) (headers[name] ??= []).push(response.rawHeaders[i + 1]!);
  }
  return headers;
}
