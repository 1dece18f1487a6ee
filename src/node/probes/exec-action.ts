import { spawn } from 'node:child_process';
import type { CommandLine } from 'nekube/nodeserver';
import { failure, type Outcome } from './outcome.ts';

/** So much of what a command says is told. */
const MOST_BYTES = 10 * 1024;

/** Runs a command to its end: its exit code says what came of it. One that takes too long is killed with all it started. */
export function runCommand({ argv, env, cwd }: CommandLine, timeoutMs: number | undefined): Promise<Outcome> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let isLate = false;
    const hear = (chunk: Buffer): void => {
      if (said.length < MOST_BYTES) said += chunk.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const kill = (): void => {
      isLate = true;
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // it has just ended
      }
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(kill, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(failure(error.message));
    });
    // what it left behind may hold its output
    child.once('exit', (code) => {
      clearTimeout(timer);
      setImmediate(() => {
        if (isLate)
          resolve(
            failure(`command timed out: ${JSON.stringify(argv.join(' '))} timed out after ${timeoutMs! / 1000}s`),
          );
        else resolve({ result: code === 0 ? 'success' : 'failure', output: said });
      });
    });
  });
}
