import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

/**
 * Writes a file that is there whole or not at all, also after a crash. Its folder is made if it is missing.
 *
 * @param folderMode of the folders that are made
 * @throws Error of the system; what was there before stays then
 */
export function writeWhole(
  path: string,
  text: string,
  { mode, folderMode }: { readonly mode: number; readonly folderMode?: number },
): void {
  makeFolder(dirname(path), folderMode === undefined ? {} : { mode: folderMode });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
