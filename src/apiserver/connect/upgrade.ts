import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isUpgradeRequest, joinConnections, requestUpgrade, type UpgradeAnswer } from 'nekube/streaming';
import { newBadRequest } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import { plainError } from '../errors.ts';
import { answeredHeaders, type Backend, dialProblem, forwardedHeaders, requestOptions, setHeaders } from './backend.ts';

/** Whether a request asks to have its connection for another protocol. Over HTTP/2 none can. */
export function wantsUpgrade({ request }: RequestContext): boolean {
  return request.httpVersionMajor === 1 && isUpgradeRequest(request);
}

/** @throws StatusError BadRequest for what is no request to upgrade */
export function checkUpgrade(context: RequestContext): void {
  if (!wantsUpgrade(context) || context.upgrade === undefined) throw newBadRequest('Upgrade request required');
}

/**
 * Connects a client with a backend that it wants another protocol of, byte by byte. A refusal goes back as it came.
 *
 * @param own headers in the place of the client's
 * @throws StatusError if the backend cannot be reached, or answers something else
 */
export async function proxyUpgrade(
  context: RequestContext,
  backend: Backend,
  own: OutgoingHttpHeaders = {},
): Promise<void> {
  const { request } = context;
  const headers = { ...forwardedHeaders(request, { upgrade: true }), ...own };
  const answer = await askUpgrade(context, backend, { method: context.method, headers });
  if (!answer.upgraded) return forwardRefusal(context, answer.response);
  const { response, socket, head } = answer;
  const client = takeConnection(context);
  client.write(rawHead(response));
  if (head.length > 0) client.write(head);
  await held(context, joinConnections(client, socket), () => socket.destroy());
}

/** Asks a backend for another protocol. @throws StatusError in the words of kube-apiserver */
export async function askUpgrade(
  context: RequestContext,
  backend: Backend,
  call: { readonly method: string; readonly headers: ReturnType<typeof forwardedHeaders> },
): Promise<UpgradeAnswer> {
  // the path is of the options: that of a URL has its dots resolved
  const options = requestOptions(backend);
  const at = new URL(`${backend.url.protocol}//${hostOf(options.host!)}:${options.port}`);
  const answer = await requestUpgrade({ ...call, url: at, tls: options, signal: context.life.signal }).catch(
    (error: unknown) => {
      throw plainError(`error dialing backend: ${dialProblem(error, backend)}`, error);
    },
  );
  if (answer.upgraded || (answer.response.statusCode ?? 0) >= 400) return answer;
  answer.response.resume();
  throw plainError(`invalid upgrade response: status code ${answer.response.statusCode}`);
}

/** Takes the client's connection out of HTTP's hands; what becomes of it is the caller's. */
export function takeConnection(context: RequestContext): ReturnType<NonNullable<RequestContext['upgrade']>['take']> {
  context.audit?.responseCode(101);
  context.response.statusCode = 101;
  return context.upgrade!.take();
}

/** Waits for the end of what the connection is used for, and ends it when the server closes. */
export async function held(context: RequestContext, work: Promise<unknown>, cut: () => void): Promise<void> {
  const { signal } = context.life;
  if (signal.aborted) cut();
  signal.addEventListener('abort', cut, { once: true });
  try {
    await work;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** Answers as the backend did. */
export async function forwardRefusal(context: RequestContext, response: IncomingMessage): Promise<void> {
  const code = response.statusCode ?? 500;
  context.audit?.responseCode(code);
  setHeaders(context, answeredHeaders(response));
  context.response.writeHead(code);
  await pipeline(response, context.response as unknown as NodeJS.WritableStream).catch(() => response.destroy());
}

function rawHead({ rawHeaders, httpVersion }: IncomingMessage): string {
  const lines = [`HTTP/${httpVersion} 101 Switching Protocols`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
