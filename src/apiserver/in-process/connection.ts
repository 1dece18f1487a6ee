import { X509Certificate } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../context.ts';
import {
  type InProcessRequest,
  type InProcessResponse,
  type InProcessSocket,
  ReceivedRequest,
  WrittenResponse,
} from './messages.ts';

/** How somebody reaches a server of this process without a socket: as by a connection with TLS, with the same bytes. */
export interface InProcessConnection {
  /** Rejects when there is no answer: the server is closed or ended the connection, or the signal was aborted. */
  send(request: InProcessRequest): Promise<InProcessResponse>;
  /** Gives up what is on its way. */
  close(): Promise<void>;
}

/** What a connection needs of its server. */
export interface ConnectionOptions {
  /** PEM, of a user; absent: nobody, unless headers say more. */
  readonly certificate?: string;
  /** PEM of the CAs whose certificates are taken. */
  readonly clientCas: readonly string[];
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
  /** Serves a request; never rejects. */
  readonly receive: (request: HttpRequest, response: HttpResponse) => Promise<void>;
}

/** Opens one. */
export function connectInProcess({ certificate, clientCas, closing, receive }: ConnectionOptions): InProcessConnection {
  const socket = socketOf(certificate, clientCas);
  const open = new Set<WrittenResponse>();
  let closed = false;
  const send = (request: InProcessRequest): Promise<InProcessResponse> => {
    if (closed || closing.aborted) return Promise.reject(broken('connect ECONNREFUSED', 'ECONNREFUSED'));
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const response = new WrittenResponse(new ReceivedRequest(request, socket), resolve);
      const abort = (): void => void response.destroy(signal!.reason);
      open.add(response);
      signal?.addEventListener('abort', abort, { once: true });
      response.once('close', () => {
        open.delete(response);
        signal?.removeEventListener('abort', abort);
        if (!response.headersSent) reject(signal?.aborted ? signal.reason : broken('socket hang up', 'ECONNRESET'));
      });
      // what watches in the server is told at the ends of turns: by a connection too it is a turn later at the soonest
      setImmediate(() => void receive(response.req, response));
    });
  };
  const close = async (): Promise<void> => {
    closed = true;
    for (const response of open) response.destroy(broken('socket hang up', 'ECONNRESET'));
  };
  return { send, close };
}

function socketOf(pem: string | undefined, clientCas: readonly string[]): InProcessSocket {
  const certificate = pem === undefined ? undefined : new X509Certificate(pem);
  const cas = clientCas.map((ca) => new X509Certificate(ca));
  const authorized =
    certificate !== undefined && cas.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
  return {
    remoteAddress: '127.0.0.1',
    authorized,
    getPeerX509Certificate: () => certificate,
    getPeerCertificate: () => (certificate === undefined ? {} : certificate.toLegacyObject()),
  };
}

function broken(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
