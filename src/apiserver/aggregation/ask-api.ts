import type { Backend } from '../connect/backend.ts';
import { ask } from '../connect/backend.ts';
import { problemOf } from './proxy.ts';
import { AGGREGATOR, userHeaders } from './user-headers.ts';

/** How long a server may take for what this one asks of it itself. */
const ANSWER_MS = 5000;
/** Longer documents are none. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What a server answered. */
export interface ApiAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Asks the server of an API as this server itself. @throws Error in Go's words */
export async function askApi(
  place: Backend,
  path: string,
  { accept, signal }: { readonly accept?: string; readonly signal: AbortSignal },
): Promise<ApiAnswer> {
  const url = new URL(path, place.url);
  const backend = { ...place, url };
  const late = AbortSignal.timeout(ANSWER_MS);
  const headers = { ...userHeaders(AGGREGATOR), 'user-agent': 'Go-http-client/2.0', ...(accept && { accept }) };
  try {
    const response = await ask(backend, { method: 'GET', headers, signal: AbortSignal.any([signal, late]) });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    const contentType = response.headers['content-type'] ?? '';
    return { code: response.statusCode ?? 0, contentType, body: Buffer.concat(chunks) };
  } catch (error) {
    const why = late.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : problemOf(error, backend);
    throw new Error(`Get "${url.href}": ${why}`, { cause: error });
  }
}
