import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpGet } from '../pod/container.ts';
import { failure, type Outcome, SUCCESS } from './outcome.ts';
import type { Place } from './place.ts';

/** So much of an answer is told. */
const MOST_BYTES = 10 * 1024;

/** What asks: of a probe `kube-probe/1.36`, of a hook `kube-lifecycle/1.36`. */
export interface HttpOptions {
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/**
 * Asks by HTTP, and looks at the status alone: from 200 to 399 is success. A certificate is not verified, and no redirect is
 * followed to another host.
 */
export async function askByHttp(
  { path = '/', scheme = 'HTTP', host, httpHeaders = [], port }: HttpGet,
  place: Place,
  { userAgent, timeoutMs }: HttpOptions,
): Promise<Outcome> {
  const number = place.portOf(port);
  const target = host ? { host, port: number } : await place.dial(number);
  const named = { host: `${host ?? place.ip}:${number}`, 'user-agent': userAgent, accept: '*/*' };
  const given = Object.fromEntries(httpHeaders.map(({ name, value = '' }) => [name.toLowerCase(), value]));
  const request = scheme === 'HTTPS' ? httpsRequest : httpRequest;
  const url = `${scheme.toLowerCase()}://${host ?? place.ip}:${number}${path}`;
  const wait = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const asked = request({
      ...target,
      path: path.startsWith('/') ? path : `/${path}`,
      headers: { ...named, ...given },
      agent: false,
      rejectUnauthorized: false,
      signal: wait,
    });
    const fail = (why: string): void => resolve(failure(`Get ${JSON.stringify(url)}: ${why}`));
    asked.once('error', (error) => fail(wait.aborted ? TIMEOUT : messageOf(error)));
    asked.once('response', (response) => {
      const { statusCode = 0 } = response;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (text.length < MOST_BYTES) text += chunk;
      });
      response.once('error', (error) => fail(wait.aborted ? TIMEOUT : messageOf(error)));
      response.once('end', () => resolve(outcomeOf(statusCode, text)));
    });
    asked.end();
  });
}

const TIMEOUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

function outcomeOf(status: number, body: string): Outcome {
  if (status >= 300 && status < 400) {
    return { result: 'warning', output: `Probe terminated redirects, Response body: ${body}` };
  }
  return status >= 200 && status < 300 ? SUCCESS : failure(`HTTP probe failed with statuscode: ${status}`);
}

/** A failure to connect in Go's words. */
export function messageOf(error: Error): string {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'ECONNREFUSED') return `dial tcp ${address}:${port}: connect: connection refused`;
  return error.message;
}
