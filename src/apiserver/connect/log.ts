import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { newBadRequest, newInternalError, newServerResponse } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import { plainError } from '../errors.ts';
import { writeHead } from '../respond.ts';
import { ask, type Backend, dialProblem } from './backend.ts';

/** So much of what a kubelet says of a failure is told. */
const MAX_ERROR_BYTES = 50_000;

/** Sends the log of a container, as its kubelet sends it. @throws StatusError if it does not */
export async function sendLog(context: RequestContext, backend: Backend, pod: string): Promise<void> {
  const { signal } = context.life;
  const response = await ask(backend, { method: 'GET', headers: { 'user-agent': 'Go-http-client/2.0' }, signal }).catch(
    (error: unknown) => {
      throw plainError(`Get "${backend.url.href}": ${dialProblem(error, backend)}`, error);
    },
  );
  const code = response.statusCode ?? 500;
  if (code < 200 || code > 206) throw await failureOf(response, code, pod);
  writeHead(context, 200, { 'content-type': 'text/plain' });
  if ('flushHeaders' in context.response) context.response.flushHeaders();
  // a client that has seen enough goes away, and the kubelet's connection with it
  await pipeline(response, context.response as unknown as NodeJS.WritableStream).catch(() => response.destroy());
}

async function failureOf(response: IncomingMessage, code: number, pod: string): Promise<Error> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= MAX_ERROR_BYTES) break;
  }
  const said = Buffer.concat(parts).subarray(0, MAX_ERROR_BYTES).toString();
  if (code === 500) return newInternalError(said);
  if (code === 400) return newBadRequest(said);
  return newServerResponse({ code, method: '', said, subject: { group: '', resource: 'pods/log', name: pod } });
}
