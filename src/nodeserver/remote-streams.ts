import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  CHANNEL,
  type ChannelUse,
  handshakeProblem,
  isWebSocketRequest,
  negotiateProtocol,
  refuseHandshake,
  REMOTE_COMMAND_PROTOCOLS,
  type RemoteStatus,
  type RemoteStreams,
  SpdyConnection,
  type SpdyStream,
  STREAM_TYPE,
  type TerminalSize,
  WebSocketChannels,
  writeHandshake,
} from 'nekube/streaming';
import { negotiateSpdy, writeSpdyHandshake } from './spdy-handshake.ts';

/** A connection with the streams of a command, as both transports give it. */
export interface RemoteConnection {
  readonly stdin?: Duplex;
  readonly stdout?: Duplex;
  readonly stderr?: Duplex;
  readonly resize?: Duplex;
  /** Sends what is left of the output, tells what became of it, and closes. */
  finish(status: RemoteStatus): Promise<void>;
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
}

/** kubectl opens its streams at once. */
const OPEN_MS = 30_000;
const IDLE_MS = 4 * 60 * 60 * 1000;
const WEBSOCKET_PROTOCOLS = [
  '',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'v5.channel.k8s.io',
];

/** Takes a client's connection for a command; undefined if it was refused, and told so. */
export async function openStreams(
  request: IncomingMessage,
  take: () => Duplex,
  wanted: RemoteStreams,
): Promise<RemoteConnection | undefined> {
  return isWebSocketRequest(request) ? openChannels(request, take(), wanted) : openSpdy(request, take(), wanted);
}

function openChannels(request: IncomingMessage, socket: Duplex, wanted: RemoteStreams): RemoteConnection | undefined {
  const protocol = negotiateProtocol(request, WEBSOCKET_PROTOCOLS);
  const problem = handshakeProblem(request) ?? (protocol === undefined ? 403 : undefined);
  if (problem !== undefined || protocol === undefined) {
    refuseHandshake(socket, problem ?? 403);
    return undefined;
  }
  writeHandshake(socket, request, protocol);
  const read = (is: boolean): ChannelUse => (is ? 'read' : 'ignore');
  const write = (is: boolean): ChannelUse => (is ? 'write' : 'ignore');
  const uses = [read(wanted.stdin), write(wanted.stdout), write(wanted.stderr), 'write', 'read'] as const;
  const channels = new WebSocketChannels(socket, { protocol, uses, idleTimeoutMs: IDLE_MS });
  // an empty message tells that the connection stands
  channels.send(wanted.stdout ? CHANNEL.stdout : wanted.stderr ? CHANNEL.stderr : CHANNEL.error, Buffer.alloc(0));
  const tellsCodes = /^v[45]\./.test(protocol);
  const { streams } = channels;
  return {
    ...(wanted.stdin && { stdin: streams[CHANNEL.stdin]! }),
    ...(wanted.stdout && { stdout: streams[CHANNEL.stdout]! }),
    ...(wanted.stderr && { stderr: streams[CHANNEL.stderr]! }),
    ...(wanted.tty && { resize: streams[CHANNEL.resize]! }),
    async finish(status) {
      await Promise.all([sent(streams[CHANNEL.stdout]!), sent(streams[CHANNEL.stderr]!)]);
      const text = statusText(status, tellsCodes);
      if (text !== '') channels.send(CHANNEL.error, Buffer.from(text));
      channels.close();
    },
    closed: channels.closed,
  };
}

async function openSpdy(
  request: IncomingMessage,
  socket: Duplex,
  wanted: RemoteStreams,
): Promise<RemoteConnection | undefined> {
  const protocol = negotiateSpdy(request, REMOTE_COMMAND_PROTOCOLS, socket);
  if (protocol === undefined) return undefined;
  writeSpdyHandshake(socket, protocol);
  const names = ['stdin', 'stdout', 'stderr'].filter((name) => wanted[name as 'stdin']);
  const expected = ['error', ...names, ...(wanted.tty && /^v[34]\./.test(protocol) ? ['resize'] : [])];
  const streams = new Map<string, SpdyStream>();
  let complete: () => void = () => {};
  const opened = new Promise<void>((resolve) => (complete = resolve));
  const connection = new SpdyConnection(socket, {
    server: true,
    idleTimeoutMs: IDLE_MS,
    onStream(stream) {
      const type = stream.header(STREAM_TYPE);
      if (!expected.includes(type) || streams.has(type)) return false;
      streams.set(type, stream);
      if (streams.size === expected.length) complete();
      return true;
    },
  });
  const late = setTimeout(() => connection.destroy(), OPEN_MS).unref();
  await Promise.race([opened, connection.closed]);
  clearTimeout(late);
  if (streams.size < expected.length) return undefined;
  // nothing comes on these
  for (const name of ['error', 'stdout', 'stderr']) streams.get(name)?.resume();
  return {
    ...Object.fromEntries([...streams].filter(([name]) => name !== 'error')),
    async finish(status) {
      await Promise.all(['stdout', 'stderr'].map((name) => sent(streams.get(name))));
      const text = statusText(status, protocol.startsWith('v4.'));
      const errors = streams.get('error')!;
      if (text === '') errors.end();
      else errors.end(text);
      connection.close();
    },
    closed: connection.closed,
  };
}

/** Ends a stream, and resolves when all that was written to it is sent, or never will be. */
function sent(stream: Duplex | undefined): Promise<void> | undefined {
  if (stream === undefined || stream.writableFinished || stream.destroyed) return undefined;
  return new Promise((resolve) => {
    stream.once('finish', resolve);
    stream.once('close', resolve);
    if (!stream.writableEnded) stream.end();
  });
}

/** Before v4 only failures are told, as a text. */
function statusText(status: RemoteStatus, tellsCodes: boolean): string {
  if (tellsCodes) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/** The sizes of a terminal, as they come: JSON, one after the other. */
export async function readSizes(resize: Duplex, take: (size: TerminalSize) => void): Promise<void> {
  let text = '';
  try {
    for await (const part of resize) {
      text += String(part);
      let end = text.indexOf('}');
      for (; end >= 0; end = text.indexOf('}')) {
        take(JSON.parse(text.slice(0, end + 1)) as TerminalSize);
        text = text.slice(end + 1);
      }
      if (text.length > 1024) return;
    }
  } catch {
    // what is no size ends the sizes
  }
}
