import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isBare } from '../git/clone.ts';
import { git, GitError } from '../git/git.ts';

/** True for a folder that has a `keps` folder, as the root of a checkout has, and for a bare repository whose newest commit has one. */
export function isCheckout(root: string): boolean {
  if (!isFolder(root)) return false;
  return isFolder(join(root, 'keps')) || (isBare(root) && hasKeps(root));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function hasKeps(root: string): boolean {
  try {
    return git(root, ['cat-file', '-t', 'HEAD:keps']).toString().trim() === 'tree';
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}
