import { execFileSync } from 'node:child_process';

/** What git said of a command that it did not do. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** Larger than the history of any repository of texts. */
const MOST_BYTES = 1 << 30;

/** What somebody set for themselves, and would leave out files or put them in another order. */
const SETTINGS = ['log.showRoot=true', 'diff.orderFile=/dev/null', 'diff.relative=false'].flatMap((setting) => [
  '-c',
  setting,
]);

/** What names another repository than the folder does, as in a hook of git. */
const OF_ANOTHER = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_NAMESPACE',
];

/**
 * Runs git in a repository, and gives what it prints.
 *
 * @throws GitError with its words, or that there is no git
 */
export function git(root: string, args: readonly string[], input = ''): Buffer {
  const env: NodeJS.ProcessEnv = { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  for (const name of OF_ANOTHER) delete env[name];
  try {
    return execFileSync('git', ['-C', root, ...SETTINGS, ...args], {
      input,
      maxBuffer: MOST_BYTES,
      stdio: ['pipe', 'pipe', 'pipe'],
      env,
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: Buffer };
    if (code === 'ENOENT') throw new GitError('git is not installed, and histories are read by it', { cause: error });
    const words = stderr?.toString().trim().split('\n')[0] ?? String(error);
    throw new GitError(`git ${args[0]}: ${words}`, { cause: error });
  }
}

/** The texts of objects, by their names; one that is not there is left out. */
export function blobTexts(root: string, oids: Iterable<string>): ReadonlyMap<string, string> {
  const wanted = [...new Set(oids)];
  const texts = new Map<string, string>();
  if (wanted.length === 0) return texts;
  const out = git(root, ['cat-file', '--batch'], `${wanted.join('\n')}\n`);
  for (let at = 0; at < out.length; ) {
    const end = out.indexOf('\n', at);
    const [oid = '', type, size] = out.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (type === 'missing') continue;
    const length = Number(size);
    texts.set(oid, out.toString('utf8', at, at + length));
    at += length + 1;
  }
  return texts;
}

/** True for a clone that lacks the commits before those it has, as `git clone --depth` makes. */
export function isShallow(root: string): boolean {
  return git(root, ['rev-parse', '--is-shallow-repository']).toString().trim() === 'true';
}
