import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import { exitStatus, internalStatus, type RemoteStatus } from 'nekube/streaming';
import type { CommandLine } from './host.ts';
import { readSizes, type RemoteConnection } from './remote-streams.ts';
import { startOnTerminal } from './terminal.ts';

/** Runs a command for a client, until it ends or the client is gone, and tells the client what became of it. */
export async function serveExec(line: CommandLine, connection: RemoteConnection, tty: boolean): Promise<void> {
  let status: RemoteStatus;
  try {
    status = exitStatus(await (tty ? onTerminal(line, connection) : onPipes(line, connection)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    status = internalStatus(`error executing command in container: ${why}`);
  }
  await connection.finish(status);
}

async function onPipes({ argv, env, cwd }: CommandLine, connection: RemoteConnection): Promise<number> {
  const { stdin, stdout, stderr, closed } = connection;
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  void closed.then(() => killGroup(child.pid));
  if (stdin !== undefined && child.stdin !== null) void quietly(stdin, child.stdin);
  const code = await Promise.all([exited, carry(child.stdout!, stdout), carry(child.stderr!, stderr)]);
  return code[0];
}

async function onTerminal(line: CommandLine, { stdin, stdout, resize, closed }: RemoteConnection): Promise<number> {
  const command = await startOnTerminal(line);
  void closed.then(() => command.kill());
  if (resize !== undefined) void readSizes(resize, (size) => command.resize(size));
  if (stdin !== undefined) void quietly(stdin, command.screen);
  const [code] = await Promise.all([command.exited, carry(command.screen, stdout)]);
  return code;
}

/** Carries output to a stream and ends it, or away; settles when all of it is sent. */
async function carry(from: Readable, to: Writable | undefined): Promise<void> {
  if (to === undefined) {
    from.resume();
    return;
  }
  await pipeline(from, to).catch(() => from.resume());
}

/** Carries input; an end of either side is none of the other's concern. */
async function quietly(from: Readable, to: Writable): Promise<void> {
  to.on('error', () => {});
  await pipeline(from, to).catch(() => {});
}

/** Runs a command without a client, and gives what it says on both streams. */
export function runToEnd({ argv, env, cwd }: CommandLine): Promise<{ code: number; output: Buffer }> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 137, output: Buffer.concat(parts) }));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
