import { fileURLToPath } from 'node:url';

/** The file that Node runs for `nekube`. */
export function programFile(): string {
  return fileURLToPath(new URL('../bin/nekube.js', import.meta.url));
}
