import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from 'nekube/client';
import type { Endpoint } from '../pod-network.ts';
import { takeMessages, withLength } from './tcp-messages.ts';

/** How questions reach other servers. */
export interface UpstreamOptions {
  readonly servers: readonly Endpoint[];
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/**
 * Asks servers elsewhere, one after another, by the way that the question came: as it was asked, so that what they say comes
 * back whole.
 *
 * @returns undefined: none answered
 */
export async function askUpstream(
  message: Buffer,
  way: 'udp' | 'tcp',
  options: UpstreamOptions,
): Promise<Buffer | undefined> {
  for (const server of options.servers) {
    const answer = await (way === 'udp' ? byUdp(message, server, options) : byTcp(message, server, options));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function byUdp(
  message: Buffer,
  server: Endpoint,
  { clock, timeoutMs = 2000 }: UpstreamOptions,
): Promise<Buffer | undefined> {
  // a port of its own for each question, which nobody else can guess
  const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let isOver = false;
    const cancel = clock.after(timeoutMs, () => done(undefined));
    const done = (answer: Buffer | undefined): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      socket.close();
      resolve(answer);
    };
    socket.on('error', () => done(undefined));
    socket.on('message', (answer, from) => {
      const isTheirs = from.address === server.host && from.port === server.port;
      if (isTheirs && answer.length >= 12 && answer.readUInt16BE(0) === message.readUInt16BE(0)) done(answer);
    });
    socket.send(message, server.port, server.host, (error) => {
      if (error) done(undefined);
    });
  });
}

function byTcp(
  message: Buffer,
  server: Endpoint,
  { clock, timeoutMs = 2000 }: UpstreamOptions,
): Promise<Buffer | undefined> {
  const socket = connect(server);
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => done(undefined));
    const done = (answer: Buffer | undefined): void => {
      cancel();
      socket.destroy();
      resolve(answer);
    };
    socket.on('error', () => done(undefined));
    socket.on('close', () => done(undefined));
    takeMessages(socket, done);
    socket.write(withLength(message));
  });
}
