import { rmSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ip } from '../machine/run.ts';
import type { Endpoint } from '../pod-network.ts';
import { joinSockets } from '../routing/tcp-listener.ts';

/** The variable by which a process within namespaces of its own is told of its gate to the machine. */
export const GATE = 'NEKUBE_GATE';

/** What is asked of the process outside. */
export interface GateRequest {
  readonly publish: Endpoint;
}

/** What it answers. */
export interface GateReply {
  readonly published: Endpoint;
  readonly error?: string;
}

/** By which the machine reaches what listens within. */
export interface Gate {
  /** Has the same address and port listened on outside. @throws Error it is taken there */
  publish(place: Endpoint): Promise<void>;
  close(): Promise<void>;
}

/** The line that says where a connection is to go is never longer. */
const LONGEST_LINE = 300;

/** Opens the gate of a process that runs within namespaces of its own; undefined: it does not. */
export async function openGate(): Promise<Gate | undefined> {
  const path = process.env[GATE];
  if (path === undefined || process.send === undefined) return undefined;
  // it is not for those that are started here
  delete process.env[GATE];
  await ip(['link set lo up']);
  const server = createServer({ allowHalfOpen: true }, (socket) => passIn(socket));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  // nobody is left who would end it
  process.once('disconnect', () => {
    rmSync(dirname(path), { recursive: true, force: true });
    process.kill(process.pid, 'SIGTERM');
  });
  const waiting = new Map<string, (reply: GateReply) => void>();
  process.on('message', (reply: GateReply) => waiting.get(nameOf(reply.published))?.(reply));
  process.channel?.unref();
  return {
    publish: (place) =>
      new Promise((resolve, reject) => {
        waiting.set(nameOf(place), ({ error }) => {
          waiting.delete(nameOf(place));
          if (error === undefined) resolve();
          else reject(new Error(`Cannot publish ${nameOf(place)}: ${error}`));
        });
        process.send!({ publish: place } satisfies GateRequest);
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Reads where a connection is to go, and joins it with one to there. */
function passIn(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  let line = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    line = Buffer.concat([line, chunk]);
    const end = line.indexOf(10);
    if (end < 0 && line.length > LONGEST_LINE) socket.destroy();
    if (end < 0) return;
    socket.off('data', read);
    socket.pause();
    if (line.length > end + 1) socket.unshift(line.subarray(end + 1));
    const [host = '', port = ''] = line.toString('latin1', 0, end).split(' ');
    const inside = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    inside.once('error', () => socket.destroy());
    socket.once('close', () => {
      if (inside.connecting) inside.destroy();
    });
    inside.once('connect', () => joinSockets(socket, inside));
  };
  socket.on('data', read);
}

function nameOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
