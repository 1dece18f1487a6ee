import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Runs a program to its end, with a text for its standard input.
 *
 * @returns what it wrote
 * @throws Error it cannot be run, or failed; the message has what it complained of
 */
export function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  // one that reads nothing may be gone before the text is written
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else
        reject(new Error(`Cannot run "${[program, ...args].join(' ')}": ${complaint.trim() || `exit code ${code}`}`));
    });
  });
}

/** Runs commands of `ip`, one a line; those before one that fails stay done. @throws Error naming the line */
export async function ip(lines: readonly string[]): Promise<void> {
  await run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}

/** What `ip` tells as JSON. */
export async function ipJson<T>(args: readonly string[]): Promise<readonly T[]> {
  const text = await run('ip', ['-json', ...args]);
  return text.trim() === '' ? [] : (JSON.parse(text) as readonly T[]);
}

/** Those of these programs that are not on the path. */
export function missingPrograms(names: readonly string[], path = process.env.PATH ?? ''): readonly string[] {
  return names.filter((name) => !path.split(delimiter).some((folder) => isExecutable(join(folder, name))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
