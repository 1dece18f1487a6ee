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

/**
 * When a commit was made: `2021-11-02T10:11:12Z`.
 *
 * @throws GitError: there is none
 */
export function timeOf(root: string, commit: string): string {
  const text = git(root, ['show', '-s', '--format=%cI', '--end-of-options', commit]).toString().trim();
  return new Date(text).toISOString().replace('.000Z', 'Z');
}
