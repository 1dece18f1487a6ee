import { blobTexts, git, GitError } from '../git/git.ts';
import { sortFiles } from './sort-files.ts';
import { targetOf, type Tree } from '../model/tree.ts';

/**
 * The files of a repository as they were at a commit.
 *
 * @throws GitError: there is no such commit, no repository, or no git
 */
export function gitTree(root: string, commit: string): Tree {
  const oids = new Map<string, string>();
  const links = new Map<string, string>();
  for (const entry of git(root, ['ls-tree', '-r', '-z', commit]).toString().split('\0')) {
    const [, mode, oid, path] = /^(\d+) blob (\w+)\t([^]*)$/.exec(entry) ?? [];
    if (path === undefined) continue;
    if (mode === '120000') links.set(path, oid!);
    else oids.set(path, oid!);
  }
  const files = new Set(oids.keys());
  const { keps, readiness } = sortFiles({ files, links });
  const wanted = [...keps.map((folder) => `${folder}/kep.yaml`), ...readiness].map((path) => oids.get(path)!);
  const texts = blobTexts(root, [...wanted, ...links.values()]);
  return {
    files,
    links: new Map([...links].map(([path, oid]) => [path, targetOf(path, texts.get(oid) ?? '')])),
    text: (path) => {
      const oid = oids.get(path);
      const text = oid === undefined ? undefined : (texts.get(oid) ?? git(root, ['cat-file', 'blob', oid]).toString());
      if (text === undefined) throw new GitError(`${commit} has no file ${path}`);
      return text;
    },
    bytes: (path) => {
      const oid = oids.get(path);
      if (oid === undefined) throw new GitError(`${commit} has no file ${path}`);
      return git(root, ['cat-file', 'blob', oid]);
    },
  };
}

/**
 * The commit of the main line that was the last on a day, at its end (UTC), or that a revision names.
 *
 * @param moment `2023-01-31`, or what git takes for a revision
 * @throws GitError: there is none
 */
export function commitAt(root: string, moment: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(moment)) {
    const name = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${moment}^{commit}`], '');
    return name.toString().trim();
  }
  const args = ['rev-list', '-1', '--first-parent', `--before=${moment}T23:59:59Z`, 'HEAD'];
  const commit = git(root, args).toString().trim();
  if (commit === '') throw new GitError(`nothing was there yet at ${moment}`);
  return commit;
}
