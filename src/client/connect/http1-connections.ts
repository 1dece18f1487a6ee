import { type buildConnector, type Dispatcher, Pool } from 'undici';
import type { Connections } from './connections.ts';

/** An idle connection is closed before servers and what stands before them do it. */
const IDLE_MS = 30_000;
/** Nothing that is silent is given up, and little is kept. */
const POOL_OPTIONS = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: IDLE_MS, pipelining: 1, allowH2: false };

/** What connections of HTTP/1.1 are made of. */
export interface Http1Options {
  readonly origin: string;
  /** How many there are at most. */
  readonly limit: number | null;
  readonly connect: buildConnector.connector;
}

/** Connections of HTTP/1.1, a request at a time on each. */
export function http1Connections({ origin, limit, connect }: Http1Options): Connections {
  const pool = new Pool(origin, { ...POOL_OPTIONS, connections: limit, connect });
  return {
    close: () => pool.close(),
    destroy: (reason) => pool.destroy(reason),
    request: async ({ method, headers, ...request }) => {
      const answer = await pool.request({
        ...request,
        method: method as Dispatcher.HttpMethod,
        headers: headers as Record<string, string | string[]>,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
  };
}
