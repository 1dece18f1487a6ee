import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { targetOf, type Tree } from '../model/tree.ts';

const SKIPPED = new Set(['.git', 'node_modules', 'vendor']);

/**
 * The files of a folder as they are now.
 *
 * @throws Error of the system: the folder is not there, or cannot be read
 */
export function folderTree(root: string): Tree {
  const files = new Set<string>();
  const links = new Map<string, string | undefined>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) links.set(path, targetOf(path, readlinkSync(join(root, path))));
      else if (entry.isFile()) files.add(path);
      else if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
    }
  };
  walk('');
  const bytes = (path: string): Buffer => readFileSync(join(root, path));
  return { files, links, text: (path) => bytes(path).toString(), bytes };
}

/** True for a folder that has a `keps` folder, as the root of a checkout has. */
export function isCheckout(root: string): boolean {
  return statSync(join(root, 'keps'), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
