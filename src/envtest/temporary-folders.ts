import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders with keys in them, which must not outlive the process. */
const folders = new Set<string>();
let removing = false;

/** Makes a folder that goes with the process, also where its environment was never stopped. */
export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.add(folder);
  if (!removing) process.once('exit', () => folders.forEach(removeFolder));
  removing = true;
  return folder;
}

/** Removes one, and what is in it. */
export function removeFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}
