import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/**
 * Where a program is that a command begins with, as a shell looks for it.
 *
 * @throws Error in the words of container runtimes
 */
export function findProgram(
  program: string,
  { path = '', cwd }: { readonly path?: string; readonly cwd: string },
): string {
  if (program.includes('/')) {
    const file = resolve(cwd, program);
    if (isProgram(file)) return file;
    const why =
      statSync(file, { throwIfNoEntry: false }) === undefined ? 'no such file or directory' : 'permission denied';
    throw new Error(`exec: ${JSON.stringify(program)}: stat ${file}: ${why}`);
  }
  for (const dir of path.split(delimiter)) {
    const file = resolve(dir === '' ? cwd : dir, program);
    if (isProgram(file)) return file;
  }
  throw new Error(`exec: ${JSON.stringify(program)}: executable file not found in $PATH`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
