import { connect, type Socket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  handshakeProblem,
  isWebSocketRequest,
  joinConnections,
  PORT_FORWARD_PROTOCOL,
  PORT_HEADER,
  refuseHandshake,
  REQUEST_ID_HEADER,
  SpdyConnection,
  type SpdyStream,
  STREAM_TYPE,
  TUNNEL_PREFIX,
  webSocketProtocols,
  WebSocketChannels,
  WebSocketTunnel,
  writeHandshake,
} from 'nekube/streaming';
import type { ServedPod } from './host.ts';
import { negotiateSpdy, writeSpdyHandshake } from './spdy-handshake.ts';

const IDLE_MS = 4 * 60 * 60 * 1000;
const CHANNEL_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

/** Serves a client with the ports of a pod, until it is gone. */
export async function servePortForward(
  request: IncomingMessage,
  socket: Duplex,
  pod: ServedPod,
  ports: readonly number[],
): Promise<void> {
  if (!isWebSocketRequest(request)) {
    const protocol = negotiateSpdy(request, [PORT_FORWARD_PROTOCOL], socket);
    if (protocol === undefined) return;
    writeSpdyHandshake(socket, protocol);
    return forward(socket, pod);
  }
  const problem = handshakeProblem(request);
  if (problem !== undefined) return refuseHandshake(socket, problem);
  const asked = webSocketProtocols(request);
  const tunnel = `${TUNNEL_PREFIX}${PORT_FORWARD_PROTOCOL}`;
  if (asked.includes(tunnel)) {
    writeHandshake(socket, request, tunnel);
    return forward(new WebSocketTunnel(socket), pod);
  }
  const protocol = asked.length === 0 ? '' : asked.find((one) => CHANNEL_PROTOCOLS.includes(one));
  if (protocol === undefined) return refuseHandshake(socket, 403);
  writeHandshake(socket, request, protocol);
  await forwardChannels(socket, protocol, pod, ports);
}

/** Two streams for each connection: one carries it, the other tells what went wrong. */
async function forward(socket: Duplex, pod: ServedPod): Promise<void> {
  const waiting = new Map<string, SpdyStream>();
  const connection = new SpdyConnection(socket, {
    server: true,
    idleTimeoutMs: IDLE_MS,
    onStream(stream) {
      const port = stream.header(PORT_HEADER);
      const type = stream.header(STREAM_TYPE);
      if (!isPort(port) || (type !== 'data' && type !== 'error')) return false;
      const id = stream.header(REQUEST_ID_HEADER) || String(type === 'data' ? stream.id - 2 : stream.id);
      const other = waiting.get(id);
      if (other?.header(STREAM_TYPE) === type) return false;
      waiting.delete(id);
      if (other === undefined) {
        waiting.set(id, stream);
        stream.once('cut', () => waiting.delete(id));
      } else if (type === 'data') void carryPair(stream, other, Number(port), pod);
      else void carryPair(other, stream, Number(port), pod);
      return true;
    },
  });
  await connection.closed;
}

async function carryPair(data: SpdyStream, errors: SpdyStream, port: number, pod: ServedPod): Promise<void> {
  errors.resume();
  try {
    const socket = await dial(pod, port);
    data.once('cut', () => socket.destroy());
    await carryBoth(data, socket);
    errors.end();
  } catch (error) {
    errors.end(problemText(error, pod, port));
    data.end();
    data.reset();
  }
}

/** Both directions until each has ended. */
function carryBoth(data: Duplex, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (!data.writableEnded) data.end();
      data.resume();
      resolve();
    });
    data.pipe(socket);
    socket.pipe(data);
  });
}

async function forwardChannels(
  socket: Duplex,
  protocol: string,
  pod: ServedPod,
  ports: readonly number[],
): Promise<void> {
  const uses = ports.flatMap(() => ['read-write', 'write'] as const);
  const channels = new WebSocketChannels(socket, { protocol, uses, idleTimeoutMs: IDLE_MS });
  const done = ports.map(async (port, i) => {
    const [data, errors] = [channels.streams[2 * i]!, channels.streams[2 * i + 1]!];
    // each channel begins with its port
    const number = Buffer.from([port & 0xff, port >> 8]);
    data.write(number);
    errors.write(number);
    try {
      const to = await dial(pod, port);
      void channels.closed.then(() => to.destroy());
      await joinConnections(data, to);
    } catch (error) {
      errors.write(problemText(error, pod, port));
    }
  });
  await Promise.all(done);
  channels.close();
}

async function dial(pod: ServedPod, port: number): Promise<Socket> {
  const at = await pod.dial(port);
  const socket = connect({ ...at, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

function problemText(error: unknown, { object: { metadata } }: ServedPod, port: number): string {
  const { code, message, address, port: at } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const why =
    code === 'ECONNREFUSED' ? `dial tcp ${address}:${at}: connect: connection refused` : (message ?? String(error));
  return `error forwarding port ${port} to pod ${metadata.name}, uid ${metadata.uid}: ${why}`;
}

/** Whether a text is the number of a port. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}
