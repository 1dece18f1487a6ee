import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/**
 * Has a shell run a script when nothing more can come from this process, whatever has ended it.
 *
 * @param args of the script, from `$0` on
 * @returns has it run now, and waits until that is done
 */
export function atEnd(script: string, args: readonly string[]): () => Promise<void> {
  const child = spawn('sh', ['-c', `cat > /dev/null; ${script}`, ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  (child.stdin as Socket).unref();
  return () => ended(child);
}

async function ended(child: ChildProcess): Promise<void> {
  const isRunning = child.exitCode === null && child.signalCode === null;
  // it must not keep this process, unless that waits for it
  if (isRunning) child.ref();
  const gone = isRunning ? once(child, 'exit') : undefined;
  child.stdin!.end();
  await gone;
}
