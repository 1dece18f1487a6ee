import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withoutSecrets } from '../collect/without-secrets.ts';

/** Git did not do what it was asked to, in its own words. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** A git repository with a work tree, of which a folder is a part. */
export interface Repository {
  /** Where git keeps what is not of the work tree. */
  readonly gitFolder: string;
  /** The branch that is checked out; undefined where a commit alone is. */
  readonly branch: string | undefined;
  /** Commits files as they are in the work tree, and nothing else; undefined if the last commit has them so already. */
  commit(paths: readonly string[], message: string): Promise<string | undefined>;
  /**
   * Looks whether there is a branch to commit to, and whether git knows who commits.
   *
   * @throws RepositoryError that says what is missing
   */
  requireCommit(): Promise<void>;
  /**
   * Looks whether a remote is configured.
   *
   * @throws RepositoryError: it is not
   */
  requireRemote(remote: string): Promise<void>;
  /** Brings the branch to a remote, unless it is known to be there. */
  push(remote: string): Promise<void>;
  /** Whether a file of the last commit has a text; nothing is written. */
  hasCommitted(path: string, text: string): Promise<boolean>;
  /** Whether the branch is known to be at a remote; nothing is written. */
  isPushed(remote: string): Promise<boolean>;
}

/** The repository in whose work tree a folder is, undefined if it is in none, or there is no git. */
export async function openRepository(folder: string): Promise<Repository | undefined> {
  const gitFolder = await gitFolderOf(folder);
  if (gitFolder === undefined) return undefined;
  const branch = await asked(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const repository: Repository = {
    gitFolder,
    branch,
    async commit(paths, message) {
      await git(folder, ['add', '--force', '--', ...paths]);
      if (await isCommitted(folder, paths)) return undefined;
      await git(folder, ['commit', '--quiet', '--only', '--file', '-', '--', ...paths], message);
      return await git(folder, ['rev-parse', 'HEAD']);
    },
    async requireCommit() {
      if (branch === undefined)
        throw new RepositoryError(
          'Cannot commit: no branch is checked out, so that the commit would be of none: "git switch BRANCH" first',
        );
      if ((await asked(folder, ['var', 'GIT_COMMITTER_IDENT'])) === undefined)
        throw new RepositoryError(
          'Cannot commit: git does not know who commits: "git config user.name NAME" and "git config user.email ADDRESS"',
        );
    },
    async requireRemote(remote) {
      if (!(await git(folder, ['remote'])).split('\n').includes(remote)) {
        throw new RepositoryError(
          /[:/\\]/.test(remote)
            ? `Cannot push: ${JSON.stringify(withoutSecrets(remote))} is no name of a remote: "git remote add NAME URL" first`
            : `Cannot push: no remote ${JSON.stringify(remote)} is configured: "git remote add ${remote} URL" first`,
        );
      }
    },
    async push(remote) {
      if (!(await repository.isPushed(remote))) await git(folder, ['push', '--quiet', remote, 'HEAD']);
    },
    async hasCommitted(path, text) {
      const name = relative(folder, path);
      const there = await asked(folder, ['rev-parse', '--verify', '--quiet', `HEAD:./${name}`]);
      return there !== undefined && there === (await git(folder, ['hash-object', '--path', name, '--stdin'], text));
    },
    async isPushed(remote) {
      const [here, there] = await Promise.all(
        ['HEAD', `refs/remotes/${remote}/${branch}`].map((name) =>
          asked(folder, ['rev-parse', '--verify', '--quiet', name]),
        ),
      );
      return here !== undefined && here === there;
    },
  };
  return repository;
}

/** Why there is nothing to commit to in a folder, with what to do about it; the folder's name goes before it. */
export async function lackOfRepository(folder: string): Promise<string> {
  const none = 'is not in the work tree of a git repository: "git init" there first';
  try {
    await git(folder, ['rev-parse', '--absolute-git-dir']);
    return none;
  } catch (error) {
    const { message } = error as Error;
    if (/not a git repository/.test(message)) return none;
    return /dubious ownership/.test(message)
      ? 'is in a repository of another user: "git config --global --add safe.directory DIR", if you trust what is in it'
      : `cannot be committed to: ${message}`;
  }
}

async function gitFolderOf(folder: string): Promise<string | undefined> {
  const [inside, path] =
    (await asked(folder, ['rev-parse', '--is-inside-work-tree', '--absolute-git-dir']))?.split('\n') ?? [];
  return inside === 'true' ? path : undefined;
}

/** Whether the last commit has the files as they are. */
async function isCommitted(folder: string, paths: readonly string[]): Promise<boolean> {
  if ((await asked(folder, ['rev-parse', '--verify', '--quiet', 'HEAD'])) === undefined) return false;
  return (await git(folder, ['diff', '--name-only', 'HEAD', '--', ...paths])) === '';
}

/** What git says; undefined if it says no. */
async function asked(folder: string, args: readonly string[]): Promise<string | undefined> {
  return await git(folder, args).catch(() => undefined);
}

/** Longer than any hook or remote may take. */
const TIMEOUT_MS = 120_000;
/** Others lock the index for moments: an editor that asks for the status, or a commit of a process that was killed. */
const LOCKED_TRIES = 20;
const LOCKED_WAIT_MS = 250;

/** What names another repository than the folder does, as in a hook of git. */
const OF_ANOTHER = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
];

async function git(folder: string, args: readonly string[], input = ''): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(folder, args, input);
    } catch (error) {
      const lock = /Unable to create '([^']+\.lock)': File exists/.exec((error as RepositoryError).message)?.[1];
      if (lock === undefined) throw error;
      if (tries === LOCKED_TRIES)
        throw new RepositoryError(
          `git ${args[0]}: ${lock} is there: another git is at work, or was ended; if none is, remove the file`,
          { cause: error },
        );
      await sleep(LOCKED_WAIT_MS);
    }
  }
}

function once(folder: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
    for (const name of OF_ANOTHER) delete env[name];
    const [out, errors] = [newOutput(), newOutput()];
    const child = spawn('git', ['-C', folder, ...args], { env, timeout: TIMEOUT_MS, stdio: ['pipe', out, errors] });
    let isOver = false;
    const end = (tell: (stdout: string, stderr: string) => void): void => {
      if (isOver) return;
      isOver = true;
      tell(takeOutput(out), takeOutput(errors));
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const message = cause.code === 'ENOENT' ? 'git is not installed' : cause.message;
      end(() => reject(new RepositoryError(message, { cause })));
    });
    // not when all output is closed: what a hook leaves running has it, and is no reason to wait
    child.once('exit', (code, signal) =>
      end((stdout, stderr) => {
        if (code === 0) return resolve(stdout.trim());
        const words = withoutSecrets(wordsOf(stderr) ?? `it ended by ${signal ?? code}`);
        reject(new RepositoryError(`git ${args[0]}: ${words}`));
      }),
    );
    // a git that ends before it reads says why itself
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(input);
  });
}

/** A file that nobody else can open. Not a pipe: what a hook leaves running would end with its next word when nobody reads that any more. */
function newOutput(): number {
  const path = join(tmpdir(), `nekube-git-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

/** What was written to an output, which is closed. */
function takeOutput(file: number): string {
  const bytes = Buffer.alloc(fstatSync(file).size);
  const length = readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  return bytes.toString('utf8', 0, length);
}

/** The line in which git says why: of a push the one about the branch, else the first that is an error, else the first. */
function wordsOf(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const rejected = lines.find((line) => line.startsWith('! ['));
  if (rejected !== undefined)
    return `${rejected.slice(2)}; the commit is kept: bring the branch together with the remote's, and publish again`;
  return lines.find((line) => /^(fatal|error): /.test(line)) ?? lines[0];
}
