import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/** Where and how a server is asked to change the protocol. */
export interface UpgradeTarget {
  readonly method: string;
  /** `https:` or `http:`, the host, and the path with its query. */
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly tls?: Pick<RequestOptions, 'cert' | 'key' | 'ca' | 'rejectUnauthorized' | 'checkServerIdentity'>;
  readonly signal?: AbortSignal;
}

/** What a server answers to it. */
export type UpgradeAnswer =
  | { readonly upgraded: true; readonly response: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | { readonly upgraded: false; readonly response: IncomingMessage };

/** Asks a server for another protocol, on a connection of its own. @throws Error of node:net or node:tls */
export function requestUpgrade({ method, url, headers, tls, signal }: UpgradeTarget): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request: ClientRequest = send(url, {
      method,
      headers,
      agent: false,
      setHost: headers.host === undefined,
      ...tls,
      ...(signal && { signal }),
    });
    request.once('upgrade', (response, socket, head) => resolve({ upgraded: true, response, socket, head }));
    request.once('response', (response) => resolve({ upgraded: false, response }));
    request.once('error', reject);
    request.end();
  });
}
