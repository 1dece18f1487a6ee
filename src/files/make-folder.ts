import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder with those above it that are missing, all with the same mode; one that is there stays as it is.
 *
 * As Node's own does when it is told to be recursive. That one never comes back from below a folder which takes none and
 * says so as if something were missing, as /proc does.
 *
 * @returns the first that was made, undefined if all were there
 * @throws Error of the system, or one that says which folder takes no others
 */
export function makeFolder(path: string, { mode = 0o777 }: { readonly mode?: number } = {}): string | undefined {
  const folder = resolve(path);
  const parent = dirname(folder);
  try {
    return makeOne(folder, mode);
  } catch (error) {
    if (!isMissing(error) || parent === folder) throw error;
  }
  const first = makeFolder(parent, { mode });
  try {
    const made = makeOne(folder, mode);
    return first ?? made;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new Error(`Cannot make the folder ${JSON.stringify(folder)}: ${JSON.stringify(parent)} takes no folders`, {
      cause,
    });
  }
}

/** Undefined for one that is there. */
function makeOne(folder: string, mode: number): string | undefined {
  try {
    mkdirSync(folder, { mode });
    return folder;
  } catch (error) {
    // where nothing may be written some systems say that, also of what is there
    if (isFolder(folder)) return undefined;
    throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
