import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNoNamespaces, whyNoUserNamespace } from '../machine/rights.ts';
import type { Endpoint, NetworkMode } from '../pod-network.ts';
import { joinSockets } from '../routing/tcp-listener.ts';
import { GATE, type GateReply, type GateRequest } from './gate.ts';

/**
 * Whether a program must run itself again within a user namespace, since it has not the rights for a mode where it is.
 *
 * @throws Error it cannot either: which right or program is missing
 */
export async function mustEnter(mode: NetworkMode | undefined): Promise<boolean> {
  if (mode !== 'namespaces') return false;
  const here = whyNoNamespaces();
  if (here === undefined) return false;
  const there = await whyNoUserNamespace();
  if (there === undefined) return true;
  throw new Error(`Cannot make network namespaces: ${here}, and ${there}`);
}

/**
 * Runs Node with these arguments in user, network and mount namespaces of its own, until it ends. What it publishes by its
 * gate is listened on here and brought to it; it ends when this process does.
 *
 * @returns its exit code
 */
export async function runInNamespaces(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  // of this user alone, as mkdtemp makes it: who can open the gate can reach everything inside
  const folder = await mkdtemp(join(tmpdir(), 'nekube-gate-'));
  const gate = join(folder, 'gate');
  const command = [
    '--user',
    '--map-root-user',
    '--net',
    '--mount',
    '--',
    process.execPath,
    ...process.execArgv,
    ...argv,
  ];
  const child = spawn('unshare', command, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...env, [GATE]: gate },
  });
  const servers: Server[] = [];
  child.on('message', (message: GateRequest) => {
    void publish(message.publish, gate, servers).then((reply) => {
      if (child.connected) child.send(reply);
    });
  });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals: NodeJS.Signals[] = process.stdin.isTTY ? ['SIGTERM'] : ['SIGTERM', 'SIGINT'];
  for (const signal of signals) process.on(signal, pass);
  // a terminal tells both, and the one inside decides when it is over
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    for (const signal of signals) process.off(signal, pass);
    process.off('SIGINT', ignore);
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function publish(place: Endpoint, gate: string, servers: Server[]): Promise<GateReply> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    const inside = connect({ path: gate, allowHalfOpen: true });
    client.on('error', () => inside.destroy());
    inside.on('error', () => client.destroy());
    inside.once('connect', () => {
      inside.write(`${place.host} ${place.port}\n`);
      joinSockets(client, inside);
    });
  });
  try {
    server.listen({ ...place, exclusive: true });
    await once(server, 'listening');
    servers.push(server);
    return { published: place };
  } catch (error) {
    return { published: place, error: (error as Error).message };
  }
}
