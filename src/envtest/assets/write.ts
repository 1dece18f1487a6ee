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

/** Node's flags. A larger room for young objects was tried: 6 MB more, and no sooner ready. */
const NODE_OPTIONS = '--no-warnings';
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
  for (const name of sourceFiles()) {
    const [from, to] = [join(SOURCE, name), join(dir, name)];
    if ((PROGRAMS as readonly string[]).includes(name)) {
      writeFileSync(to, launcher(readFileSync(from, 'utf8'), mark.node));
      chmodSync(to, 0o755);
    } else copyFileSync(from, to);
  }
  writeFileSync(join(dir, MARK), `${JSON.stringify(mark, undefined, 1)}\n`);
}

/** Node is named by its place; what the shell would read otherwise is quoted. */
function launcher(text: string, node: string): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`;
  return text
    .replace('node=${NEKUBE_NODE:-@NODE@}', () => `node=\${NEKUBE_NODE:-}\nif [ -z "$node" ]; then node=${quoted}; fi`)
    .replace('@OPTIONS@', NODE_OPTIONS);
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
