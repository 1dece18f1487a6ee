import { isDay } from 'nekube/apimachinery';
import { headOf } from '../git/clone.ts';
import { blobTexts, git, GitError, isShallow } from '../git/git.ts';
import { pathText } from './path-text.ts';
import { README_NAMES, sortFiles } from './sort-files.ts';
import { targetOf, type Tree } from '../model/tree.ts';

/**
 * The files of a repository as they were at a commit.
 *
 * @throws GitError: there is no such commit, no repository, or no git
 */
export function gitTree(root: string, commit: string): Tree {
  const oids = new Map<string, string>();
  const links = new Map<string, string>();
  for (const entry of git(root, ['ls-tree', '-r', '-z', commit]).toString('latin1').split('\0')) {
    const [, mode, oid, name] = /^(\d+) blob (\w+)\t([^]*)$/.exec(entry) ?? [];
    if (name === undefined) continue;
    const path = pathText(Buffer.from(name, 'latin1'));
    if (mode === '120000') links.set(path, oid!);
    else oids.set(path, oid!);
  }
  const files = new Set(oids.keys());
  const { keps, readiness } = sortFiles({ files, links });
  // those of KEPs all at once when the first is asked for: a process each would take seconds
  let readmes: ReadonlyMap<string, string> | undefined;
  const readmeText = (path: string, oid: string): string | undefined => {
    if (!/\/readme\.md$/i.test(path)) return undefined;
    readmes ??= blobTexts(
      root,
      keps.flatMap((folder) => README_NAMES.flatMap((name) => oids.get(`${folder}/${name}`) ?? [])),
    );
    return readmes.get(oid);
  };
  const wanted = [...keps.map((folder) => `${folder}/kep.yaml`), ...readiness].map((path) => oids.get(path)!);
  const texts = blobTexts(root, [...wanted, ...links.values()]);
  return {
    files,
    links: new Map([...links].map(([path, oid]) => [path, targetOf(path, texts.get(oid) ?? '')])),
    text: (path) => {
      const oid = oids.get(path);
      if (oid === undefined) throw new GitError(`${commit} has no file ${path}`);
      return texts.get(oid) ?? readmeText(path, oid) ?? git(root, ['cat-file', 'blob', oid]).toString();
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
  if (!/^\d{4}-\d\d-\d\d$/.test(moment)) return commitNamed(root, moment);
  if (!isDay(moment)) throw new GitError(`${moment} is no day of the calendar`);
  const args = ['rev-list', '-1', '--first-parent', `--before=${moment}T23:59:59Z`, 'HEAD'];
  const commit = headOf(root) === undefined ? '' : git(root, args).toString().trim();
  if (commit === '')
    throw new GitError(
      `${isShallow(root) ? 'the shallow clone has nothing of' : 'nothing was there yet at'} ${moment}`,
    );
  return commit;
}

function commitNamed(root: string, revision: string): string {
  // git would take the commit whose name begins so, of which there is one in most repositories
  if (/^\d{4}$/.test(revision))
    throw new GitError(`${revision} is no day as ${revision}-12-31, and too short for the name of a commit`);
  try {
    return git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
      .toString()
      .trim();
  } catch (error) {
    // 1 is what git says nothing of: there is no such revision
    if (((error as Error).cause as { readonly status?: number } | undefined)?.status !== 1) throw error;
    throw new GitError(`${JSON.stringify(revision)} is neither a day as 2006-01-31 nor a revision`, { cause: error });
  }
}
