import { posix } from 'node:path';

/** The files of a checkout at one moment; paths are from its root, with `/`. */
export interface Tree {
  readonly files: ReadonlySet<string>;
  /** Symbolic links, with what they lead to; those that lead out of the checkout have nothing. */
  readonly links: ReadonlyMap<string, string | undefined>;
  /** The text of one of `files`. */
  readonly text: (path: string) => string;
  /** The content of one of `files`, as it is; absent: only texts are known. */
  readonly bytes?: (path: string) => Uint8Array;
}

/** The path that a link at `path` leads to by the text in it; undefined: out of the checkout. */
export function targetOf(path: string, text: string): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), text));
  return posix.isAbsolute(text) || target.startsWith('..') ? undefined : target;
}

/** The file or folder that a path means, through links in it; undefined: there is none, or links go round. */
export function find(tree: Tree, path: string, folders: ReadonlySet<string>): string | undefined {
  let at = posix.normalize(path);
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    if (tree.files.has(at) || folders.has(at)) return at;
    const link = linkIn(tree, at);
    if (link === undefined) return undefined;
    const target = tree.links.get(link);
    if (target === undefined) return undefined;
    at = posix.normalize(target + at.slice(link.length));
  }
  return undefined;
}

/** More links than Linux follows. */
const MOST_HOPS = 40;

/** The first part of a path that is a link. */
function linkIn({ links }: Tree, path: string): string | undefined {
  const parts = path.split('/');
  const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  return prefixes.find((prefix) => links.has(prefix));
}

/** All folders that have a file below them. */
export function foldersOf(files: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files)
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      const folder = file.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
}
