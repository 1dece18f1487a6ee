import { execFileSync } from 'node:child_process';

/** Git did not do what it was asked to, in its own words. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** A git repository with a work tree, of which a folder is a part. */
export interface Repository {
  /** Where git keeps what is not of the work tree. */
  readonly gitFolder: string;
  /** Commits files as they are in the work tree, and nothing else; undefined if the last commit has them so already. */
  commit(paths: readonly string[], message: string): string | undefined;
  /**
   * Looks whether a remote is configured.
   *
   * @throws RepositoryError: it is not
   */
  requireRemote(remote: string): void;
  /** Brings the branch to a remote. */
  push(remote: string): void;
}

/** The repository in whose work tree a folder is, undefined if it is in none, or there is no git. */
export function openRepository(folder: string): Repository | undefined {
  const gitFolder = gitFolderOf(folder);
  if (gitFolder === undefined) return undefined;
  return {
    gitFolder,
    commit(paths, message) {
      git(folder, ['add', '--force', '--', ...paths]);
      if (isCommitted(folder, paths)) return undefined;
      git(folder, ['commit', '--quiet', '--only', '--file', '-', '--', ...paths], message);
      return git(folder, ['rev-parse', 'HEAD']);
    },
    requireRemote(remote) {
      if (!git(folder, ['remote']).split('\n').includes(remote)) {
        throw new RepositoryError(`Cannot push: no remote ${JSON.stringify(remote)} is configured`);
      }
    },
    push(remote) {
      git(folder, ['push', '--quiet', remote, 'HEAD']);
    },
  };
}

function gitFolderOf(folder: string): string | undefined {
  try {
    const [inside, path] = git(folder, ['rev-parse', '--is-inside-work-tree', '--absolute-git-dir']).split('\n');
    return inside === 'true' ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the last commit has the files as they are. */
function isCommitted(folder: string, paths: readonly string[]): boolean {
  try {
    git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  } catch {
    return false;
  }
  return git(folder, ['diff', '--name-only', 'HEAD', '--', ...paths]) === '';
}

/** Longer than any hook or remote may take. */
const TIMEOUT_MS = 120_000;

function git(folder: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      input,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
    }).trim();
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    if (code === 'ENOENT') throw new RepositoryError('git is not installed', { cause: error });
    const words = (stderr ?? '').trim().split('\n')[0] || (error as Error).message;
    throw new RepositoryError(`git ${args[0]}: ${words}`, { cause: error });
  }
}
