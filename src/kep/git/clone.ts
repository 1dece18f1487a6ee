import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { git, GitError } from './git.ts';

/**
 * Makes a folder a clone of a repository at the head of its main branch: anew, or by bringing one up to date. It is there whole
 * or not at all.
 *
 * @throws GitError: the repository cannot be reached, or is none
 */
export function cloneRepository(url: string, folder: string): void {
  if (existsSync(folder)) {
    git(folder, ['fetch', '--quiet', 'origin', 'HEAD']);
    git(folder, ['reset', '--quiet', '--hard', 'FETCH_HEAD']);
    return;
  }
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    git(dirname(folder), ['clone', '--quiet', '--', url, temporary]);
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The commit that a folder is at; undefined: it is no repository. */
export function headOf(root: string): string | undefined {
  try {
    return git(root, ['rev-parse', 'HEAD']).toString().trim();
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
