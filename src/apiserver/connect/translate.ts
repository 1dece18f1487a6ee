import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import {
  CHANNEL,
  type ChannelUse,
  handshakeProblem,
  internalStatus,
  refuseHandshake,
  REMOTE_COMMAND_PROTOCOLS,
  type RemoteStatus,
  type RemoteStreams,
  SpdyConnection,
  STREAM_TYPE,
  SUCCESS,
  WebSocketChannels,
  webSocketProtocols,
  writeHandshake,
} from 'nekube/streaming';
import type { RequestContext } from '../context.ts';
import { ask, type Backend } from './backend.ts';
import { askUpgrade, held, takeConnection } from './upgrade.ts';

/** The protocol that is translated: its channels end on their own, which no SPDY kubelet knows. */
const V5 = 'v5.channel.k8s.io';
/** As the kubelet's. */
const IDLE_MS = 4 * 60 * 60 * 1000;
const PING_MS = 5000;

/** Whether a client speaks the protocol that has to be translated. */
export function wantsTranslation({ request }: RequestContext): boolean {
  return webSocketProtocols(request).includes(V5);
}

/**
 * Serves a client by WebSocket with a command that a kubelet runs by SPDY: each channel is a stream. What goes wrong with
 * the kubelet is told on the error channel, since the client has its connection by then.
 */
export async function translate(context: RequestContext, backend: Backend, wanted: RemoteStreams): Promise<void> {
  const problem = handshakeProblem(context.request);
  const socket = takeConnection(context);
  if (problem !== undefined) return refuseHandshake(socket, problem);
  writeHandshake(socket, context.request, V5);
  const channels = new WebSocketChannels(socket, { protocol: V5, uses: usesOf(wanted), idleTimeoutMs: IDLE_MS });
  // an empty message tells that the connection stands
  channels.send(wanted.stdout ? CHANNEL.stdout : wanted.stderr ? CHANNEL.stderr : CHANNEL.error, Buffer.alloc(0));
  let status: RemoteStatus;
  try {
    status = await run(context, backend, wanted, channels);
  } catch (error) {
    status = internalStatus(error instanceof Error ? error.message : String(error));
  }
  channels.send(CHANNEL.error, Buffer.from(JSON.stringify(status)));
  channels.close();
  await channels.closed;
}

function usesOf({ stdin, stdout, stderr }: RemoteStreams): ChannelUse[] {
  const read = (is: boolean): ChannelUse => (is ? 'read' : 'ignore');
  const write = (is: boolean): ChannelUse => (is ? 'write' : 'ignore');
  return [read(stdin), write(stdout), write(stderr), 'write', 'read'];
}

async function run(
  context: RequestContext,
  backend: Backend,
  wanted: RemoteStreams,
  channels: WebSocketChannels,
): Promise<RemoteStatus> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'content-length': '0',
    'x-stream-protocol-version': [...REMOTE_COMMAND_PROTOCOLS],
  };
  const answer = await askUpgrade(context, backend, { method: 'POST', headers });
  if (!answer.upgraded) throw new Error(await refusal(answer.response));
  const spdy = new SpdyConnection(answer.socket, { server: false }, answer.head);
  const pings = setInterval(() => spdy.ping(), PING_MS).unref();
  void channels.closed.then(() => spdy.destroy());
  try {
    let status: RemoteStatus = SUCCESS;
    const work = command(spdy, wanted, channels).then((ended) => (status = ended));
    await held(context, work, () => spdy.destroy());
    return status;
  } finally {
    clearInterval(pings);
    spdy.close();
  }
}

/** Joins streams and channels, and reads what became of the command. */
async function command(
  spdy: SpdyConnection,
  wanted: RemoteStreams,
  { streams }: WebSocketChannels,
): Promise<RemoteStatus> {
  const open = (type: string) => spdy.createStream([[STREAM_TYPE, type]]);
  const errors = await open('error');
  errors.end();
  const outputs: Promise<unknown>[] = [];
  // data on one of them would hold back the opening of the others
  const stdin = wanted.stdin ? await open('stdin') : undefined;
  const stdout = wanted.stdout ? await open('stdout') : undefined;
  const stderr = wanted.stderr && !wanted.tty ? await open('stderr') : undefined;
  const resize = wanted.tty ? await open('resize') : undefined;
  if (stdin !== undefined) void carry(streams[CHANNEL.stdin]!, stdin);
  if (stdout !== undefined) outputs.push(output(stdout, streams[CHANNEL.stdout]!));
  if (stderr !== undefined) outputs.push(output(stderr, streams[CHANNEL.stderr]!));
  if (resize !== undefined) void carry(streams[CHANNEL.resize]!, resize);
  const parts: Buffer[] = [];
  for await (const part of errors) parts.push(part as Buffer);
  await Promise.all(outputs);
  return statusOf(Buffer.concat(parts).toString());
}

/** Settles when all of it is sent. */
function output(from: Duplex, to: Duplex): Promise<unknown> {
  from.end();
  return carry(from, to);
}

function carry(from: Duplex, to: Duplex): Promise<unknown> {
  return pipeline(from, to as unknown as NodeJS.WritableStream).catch(() => {});
}

/** What the kubelet's error stream says: nothing, a Status, or a text. */
function statusOf(text: string): RemoteStatus {
  if (text === '') return SUCCESS;
  try {
    return JSON.parse(text) as RemoteStatus;
  } catch {
    return internalStatus(text);
  }
}

/** A kubelet that does not upgrade says why. */
async function refusal(response: Awaited<ReturnType<typeof ask>>): Promise<string> {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  await finished(response).catch(() => {});
  return `unable to upgrade connection: ${Buffer.concat(parts).toString()}`;
}
