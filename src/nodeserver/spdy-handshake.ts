import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const HEADER = 'x-stream-protocol-version';

/** The first protocol of the client's that is offered; undefined if there is none, and the client was told so. */
export function negotiateSpdy(
  request: IncomingMessage,
  offered: readonly string[],
  socket: Duplex,
): string | undefined {
  const asked = String(request.headers[HEADER] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (!(request.headers.upgrade ?? '').toLowerCase().includes('spdy/3.1'))
    return refuse(socket, 400, 'unable to upgrade: missing upgrade headers in request');
  if (request.headers[HEADER] === undefined)
    return refuse(socket, 400, 'unable to upgrade: header X-Stream-Protocol-Version does not exist in request');
  const protocol = asked.find((name) => offered.includes(name));
  if (protocol !== undefined) return protocol;
  const lists = `client supports [${asked.join(' ')}], server accepts [${offered.join(' ')}]`;
  return refuse(socket, 403, `unable to upgrade: unable to negotiate protocol: ${lists}`);
}

/** Answers that the connection is SPDY's from now on. */
export function writeSpdyHandshake(socket: Duplex, protocol: string): void {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

function refuse(socket: Duplex, code: number, text: string): undefined {
  const body = `${text}\n`;
  const lines = [
    `HTTP/1.1 ${code} ${code === 403 ? 'Forbidden' : 'Bad Request'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return undefined;
}
