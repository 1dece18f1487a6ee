import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { git, GitError } from './git.ts';

/**
 * Makes a folder a clone of a repository, anew or by bringing one up to date, and gives the newest commit of its main branch. It has
 * no files but git's own, so that several may use it at once, and one that was ended at any point leaves nothing that would hold
 * up the next.
 *
 * @throws GitError: the repository cannot be reached, or is none
 */
export function cloneRepository(url: string, folder: string): string {
  if (!existsSync(folder)) cloneAnew(url, folder);
  const [commit = ''] = git(folder, ['ls-remote', '--', url, 'HEAD']).toString().split('\t');
  if (commit === '') throw new GitError('the repository has no commit');
  if (!hasCommit(folder, commit)) fetchInto(folder, url, commit);
  return commit;
}

/** Where another fetches at once, or was ended in it, the branch is locked; what counts is that the commit is there. */
function fetchInto(folder: string, url: string, commit: string): void {
  try {
    git(folder, ['fetch', '--quiet', '--no-tags', '--', url, '+HEAD:refs/heads/nekube']);
  } catch (error) {
    if (!hasCommit(folder, commit)) throw error;
  }
}

function hasCommit(folder: string, commit: string): boolean {
  try {
    git(folder, ['cat-file', '-e', `${commit}^{commit}`]);
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

/** It is there whole or not at all. */
function cloneAnew(url: string, folder: string): void {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const temporary = `${folder}.${process.pid}.tmp`;
  removeLeft(folder);
  try {
    git(parent, ['clone', '--quiet', '--bare', '--', url, temporary]);
    renameSync(temporary, folder);
  } catch (error) {
    // another was faster
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What processes left that were ended while they cloned. */
function removeLeft(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    const pid = name.startsWith(`${basename(folder)}.`) ? /\.(\d+)\.tmp$/.exec(name)?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True for a repository without files but git's own, as `git clone --bare` and `--mirror` make. */
export function isBare(root: string): boolean {
  // in a folder of one git would answer yes, too
  if (!existsSync(join(root, 'HEAD'))) return false;
  try {
    return git(root, ['rev-parse', '--is-bare-repository']).toString().trim() === 'true';
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
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
