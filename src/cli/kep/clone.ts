import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRepository, GitError } from 'nekube/kep';
import { cacheFolder } from './cache.ts';
import { CliError, type Io } from '../io.ts';
import { printable } from '../printable.ts';

/** True for what git clones, and is no folder. */
export function isUrl(from: string): boolean {
  return /^(?:https?|ssh|git|file):\/\//.test(from);
}

/** A clone, and the newest commit of its main branch. */
export interface Clone {
  readonly folder: string;
  readonly commit: string;
}

/**
 * A repository's clone, in the user's cache; brought up to date if it is there.
 *
 * @throws CliError what git says
 */
export function cloned(url: string, io: Io): Clone {
  const folder = join(cacheFolder(io), createHash('sha256').update(url).digest('hex').slice(0, 16));
  const shown = printable(url.replace(/\/\/[^/@]*@/, '//'));
  try {
    io.stderr(`${existsSync(folder) ? 'updating' : 'cloning'} ${shown}\n`);
    return { folder, commit: cloneRepository(url, folder) };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new CliError(`Cannot clone ${shown}: ${error.message.replaceAll(url, shown)}`, { cause: error });
  }
}
