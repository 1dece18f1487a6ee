import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Http1ServerConnection } from '../http/http1-server.ts';
import { Http2ServerConnection } from '../http/http2-server.ts';
import type { ServerStream } from '../http/message.ts';
import type { ChainContext, PlaneContext } from '../proxy/context.ts';
import { decide } from '../proxy/decide.ts';
import { Exchange } from '../proxy/exchange.ts';
import { httpVersionOf, peek } from './first-bytes.ts';
import { peerOf } from './peers.ts';

/** A connection that can be asked to end when its requests are answered. */
export interface Drainable {
  drain(): void;
}

/** As Envoy's own. */
const MOST_HEAD_BYTES = 61_440;
const IDLE_TIMEOUT_MS = 3_600_000;
const HEAD_TIMEOUT_MS = 60_000;
const MOST_STREAMS = 100;
const STREAM_WINDOW_BYTES = 1_048_576;
const CONNECTION_WINDOW_BYTES = 16_777_216;

/**
 * Speaks HTTP with a client: HTTP/2 if TLS agreed on it or the client begins with its preface, else HTTP/1. What a request
 * meets is asked of `chain` when it comes, so a connection that stays gets what is new.
 */
export function serveHttp(
  socket: Socket,
  plane: PlaneContext,
  chain: () => ChainContext,
  opened: (connection: Drainable) => void,
): void {
  const peer = peerOf(socket);
  const onRequest = (stream: ServerStream): void => {
    new Exchange(stream, plane, chain()).start((exchange) => decide(exchange, peer));
  };
  // who has not said anything yet loses nothing
  let connection: Drainable = { drain: () => void socket.destroy() };
  opened({ drain: () => connection.drain() });
  const open = (version: 'HTTP/1' | 'HTTP/2'): void => {
    const make = version === 'HTTP/2' ? openHttp2 : openHttp1;
    connection = make(socket, plane, chain(), onRequest);
    if (version === 'HTTP/1') socket.resume();
  };
  socket.on('error', () => socket.destroy());
  if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') open('HTTP/2');
  else peek(socket, chain().settings?.requestHeadersTimeoutMs || HEAD_TIMEOUT_MS, httpVersionOf, open);
}

function openHttp1(
  socket: Socket,
  { sweeper }: PlaneContext,
  { settings }: ChainContext,
  onRequest: (stream: ServerStream) => void,
): Drainable {
  const http10 = settings?.http1?.http10;
  return new Http1ServerConnection(socket, {
    sweeper,
    onRequest,
    maxHeadBytes: settings?.maxRequestHeadersBytes ?? MOST_HEAD_BYTES,
    headTimeoutMs: settings?.requestHeadersTimeoutMs || HEAD_TIMEOUT_MS,
    idleTimeoutMs: settings?.idleTimeoutMs || IDLE_TIMEOUT_MS,
    requestTimeoutMs: settings?.requestTimeoutMs || Number.POSITIVE_INFINITY,
    ...(http10 !== undefined && { http10 }),
  });
}

function openHttp2(
  socket: Socket,
  { sweeper }: PlaneContext,
  { settings }: ChainContext,
  onRequest: (stream: ServerStream) => void,
): Drainable {
  return new Http2ServerConnection(socket, {
    sweeper,
    onRequest,
    maxHeadBytes: settings?.maxRequestHeadersBytes ?? MOST_HEAD_BYTES,
    idleTimeoutMs: settings?.idleTimeoutMs || IDLE_TIMEOUT_MS,
    maxConcurrentStreams: settings?.http2?.maxConcurrentStreams ?? MOST_STREAMS,
    streamWindowBytes: settings?.http2?.streamWindowBytes ?? STREAM_WINDOW_BYTES,
    connectionWindowBytes: settings?.http2?.connectionWindowBytes ?? CONNECTION_WINDOW_BYTES,
  });
}
