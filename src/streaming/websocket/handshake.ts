import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a request to upgrade shows of itself. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Whether a request asks for another protocol on its connection. */
export function isUpgradeRequest({ headers }: UpgradeRequest): boolean {
  return (headers.connection ?? '').toLowerCase().includes('upgrade');
}

/** Whether the protocol that a request asks for is WebSocket. */
export function isWebSocketRequest(request: UpgradeRequest): boolean {
  return isUpgradeRequest(request) && (request.headers.upgrade ?? '').toLowerCase() === 'websocket';
}

/** The subprotocols that a client speaks, the best first. */
export function webSocketProtocols({ headers }: UpgradeRequest): string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}

/**
 * The first subprotocol of the client's that is among those offered; the empty one stands for none. Undefined where they
 * have none in common.
 */
export function negotiateProtocol(request: UpgradeRequest, offered: readonly string[]): string | undefined {
  const asked = webSocketProtocols(request);
  return (asked.length === 0 ? [''] : asked).find((protocol) => offered.includes(protocol));
}

/** What is wrong with the request, as a status; undefined if it can be answered with 101. */
export function handshakeProblem({ method, headers }: UpgradeRequest): number | undefined {
  if (method !== 'GET') return 405;
  if (Buffer.from(headers['sec-websocket-key'] ?? '', 'base64').length !== 16) return 400;
  return headers['sec-websocket-version'] === '13' ? undefined : 400;
}

/** Writes the answer with which the connection becomes a WebSocket. */
export function writeHandshake(socket: Duplex, { headers }: UpgradeRequest, protocol: string): void {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Refuses on a connection that was taken over already, without a body. */
export function refuseHandshake(socket: Duplex, code: number): void {
  const texts: Readonly<Record<number, string>> = { 400: 'Bad Request', 403: 'Forbidden', 405: 'Method Not Allowed' };
  socket.end(`HTTP/1.1 ${code} ${texts[code] ?? 'Bad Request'}\r\n\r\n`);
}
