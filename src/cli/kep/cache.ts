import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../io.ts';

/** Where clones and indexes are kept for the next time. */
export function cacheFolder({ env }: Io): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache'), 'nekube', 'kep');
}
