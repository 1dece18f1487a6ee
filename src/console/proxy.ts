import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { newFailure } from 'nekube/apimachinery';
import type { TransportResponse } from 'nekube/client';
import { bodyOf, DATA_POLICY, MOST_BODY_BYTES } from './answers.ts';
import { type Cluster, credentialRefused, unreachable } from './cluster.ts';
import { checkClusterPath } from './cluster-path.ts';
import type { Session } from './sessions.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const PASSED_ON = ['accept', 'content-type', 'if-none-match'];
const PASSED_BACK = ['content-type', 'content-length', 'warning', 'retry-after', 'etag', 'audit-id'];
/** What a browser would not run, whatever it contains. All else it is to keep as a file. */
const DATA_TYPE =
  /^(application\/([a-z0-9.+-]*\+)?(json|yaml|protobuf)|application\/[a-z0-9.+-]*protobuf|text\/plain)\b/i;

/**
 * Hands a request on to the cluster, as the user who is signed in, and its answer back while it comes. Nothing of the
 * browser's but what an API server needs goes through, and nothing of the cluster's that a browser could run.
 *
 * @throws StatusError
 */
export async function proxyRequest(
  cluster: Cluster,
  { person, ended }: Session,
  {
    target,
    request,
    response,
  }: { readonly target: string; readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { method = 'GET' } = request;
  if (!METHODS.has(method)) throw newFailure(405, 'MethodNotAllowed', `${method} is not handed on`);
  const path = checkClusterPath(target);
  const body = await bodyOf(request, MOST_BODY_BYTES);
  const gone = new AbortController();
  const stop = (): void => gone.abort();
  // a log that is followed ends with the session, too
  ended.addEventListener('abort', stop, { once: true });
  response.once('close', () => {
    ended.removeEventListener('abort', stop);
    stop();
  });
  const answer = await cluster.transport
    .send({
      method,
      path,
      headers: { ...passed(request.headers, PASSED_ON), ...cluster.headersOf(person.as) },
      ...(body.length > 0 && { body }),
      signal: gone.signal,
    })
    .catch((error: unknown) => {
      throw unreachable(error);
    });
  if (answer.status === 401) {
    await drop(answer);
    throw credentialRefused();
  }
  response.writeHead(answer.status, headersOf(answer));
  if (method === 'HEAD') {
    await drop(answer);
    response.end();
    return;
  }
  response.flushHeaders();
  await pass(answer, response);
}

function headersOf({ headers }: TransportResponse): OutgoingHttpHeaders {
  const isData = DATA_TYPE.test(String(headers['content-type'] ?? 'application/json'));
  return {
    ...passed(headers, PASSED_BACK),
    'content-security-policy': DATA_POLICY,
    ...(!isData && { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' }),
  };
}

async function pass({ body }: TransportResponse, response: ServerResponse): Promise<void> {
  try {
    for await (const piece of body) {
      if (response.destroyed) return;
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  } catch {
    // a browser that is told of the end would take half an answer for the whole
    response.destroy();
  }
}

async function drop({ body }: TransportResponse): Promise<void> {
  try {
    for await (const _ of body) break;
  } catch {
    // what nobody wants may break
  }
}

function passed(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
): Record<string, string | string[]> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, typeof value === 'string' ? value : [...value]]];
    }),
  );
}
