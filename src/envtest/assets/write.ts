import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from 'nekube/files';
import { AssetsError } from './errors.ts';

/** The mark of folders that are ours. */
export const MARK = 'nekube-assets.json';
/** What must be there at last. */
export const PROGRAMS = ['kube-apiserver', 'etcd', 'kubectl'] as const;

/**
 * Node's flags. Left to itself V8 collects nothing old in the life of a suite (its heap of 17 MB would have to be 250), and
 * gives young objects 8 MB: a third less memory at most, for about 5 % more CPU. A larger room for young objects was tried:
 * a start is no sooner ready.
 */
const NODE_OPTIONS = ['--max-semi-space-size=1', '--initial-old-space-size=16', '--heap-growing-percent=30'];
const SOURCE = fileURLToPath(new URL('../../assets/', import.meta.url));

/** What a folder was made of; another one is made when it differs. */
export interface Mark {
  readonly nekube: string;
  readonly kubernetes: string;
  /** Node that starts the programs, where it is still there. */
  readonly node: string;
  /** Of everything in them. */
  readonly digest: string;
}

/** What a folder made now would be made of. @throws AssetsError if this package was not built */
export function currentMark(kubernetes: string): Mark {
  const hash = createHash('sha256').update(process.execPath).update(process.version);
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(join(SOURCE, name)));
  return { nekube: ownVersion(), kubernetes, node: process.execPath, digest: hash.digest('hex').slice(0, 12) };
}

function sourceFiles(): string[] {
  try {
    return readdirSync(SOURCE).sort();
  } catch (cause) {
    throw new AssetsError(`Cannot find the programs in ${SOURCE}`, 'build the package: npm run build', cause);
  }
}

/** Writes all files of the programs into a folder that is there and empty: plain files, side by side. */
export function writePrograms(dir: string, mark: Mark): void {
  const options = knownOptions(mark.node);
  for (const name of sourceFiles()) {
    const [from, to] = [join(SOURCE, name), join(dir, name)];
    if ((PROGRAMS as readonly string[]).includes(name)) {
      writeFileSync(to, launcher(readFileSync(from, 'utf8'), mark.node, options));
      chmodSync(to, 0o755);
    } else copyFileSync(from, to);
  }
  writeFileSync(join(dir, MARK), `${JSON.stringify(mark, undefined, 1)}\n`);
}

/** V8's flags are no promise: a Node that knows them no longer would not start. */
function knownOptions(node: string): string {
  const knows = (options: readonly string[]): boolean => spawnSync(node, [...options, '--eval', '0']).status === 0;
  return (knows(NODE_OPTIONS) ? NODE_OPTIONS : NODE_OPTIONS.filter((option) => knows([option]))).join(' ');
}

/** Node is named by its place; what the shell would read otherwise is quoted. Flags are those of this Node alone. */
function launcher(text: string, node: string, options: string): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`;
  return text.replaceAll('@NODE@', () => quoted).replace('@OPTIONS@', options);
}

/** The mark of a folder; undefined for none, and for one that is not whole. */
export function markOf(dir: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, MARK), 'utf8')) as Mark;
  } catch {
    return undefined;
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** A new folder beside the one that it is to become. */
export function makeBeside(dir: string): string {
  makeFolder(join(dir, '..'));
  const made = `${dir}.${process.pid}.${Date.now().toString(36)}.tmp`;
  mkdirSync(made);
  return made;
}
