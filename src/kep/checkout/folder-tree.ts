import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathText } from './path-text.ts';
import { targetOf, type Tree } from '../model/tree.ts';

/** Of a checkout; below `keps/` a folder may have any name but git's own. */
const SKIPPED = /(?:^|\/)\.git$|^(?!keps\/)(?:.*\/)?(?:node_modules|vendor)$/;

/**
 * The files of a folder as they are now.
 *
 * @throws Error of the system: the folder is not there, or cannot be read
 */
export function folderTree(root: string): Tree {
  const files = new Map<string, Buffer>();
  const links = new Map<string, string | undefined>();
  const walk = (folder: string, place: Buffer): void => {
    for (const entry of readdirSync(place, { withFileTypes: true, encoding: 'buffer' })) {
      const name = pathText(entry.name);
      const path = folder === '' ? name : `${folder}/${name}`;
      const at = Buffer.concat([place, Buffer.from(sep), entry.name]);
      if (entry.isSymbolicLink()) links.set(path, targetOf(path, readlinkSync(at)));
      else if (entry.isFile()) files.set(path, at);
      else if (entry.isDirectory() && !SKIPPED.test(path)) walk(path, at);
    }
  };
  walk('', Buffer.from(root));
  const bytes = (path: string): Buffer => readFileSync(files.get(path) ?? join(root, path));
  return { files: new Set(files.keys()), links, text: (path) => bytes(path).toString(), bytes };
}
