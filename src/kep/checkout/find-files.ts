import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckoutFiles } from '../model/checkout-files.ts';

const SKIPPED = new Set(['.git', 'node_modules', 'vendor']);
const TEMPLATE = 'keps/NNNN-kep-template';
const READINESS = 'keps/prod-readiness/';

/**
 * Finds the KEPs of a checkout of kubernetes/enhancements.
 *
 * @throws Error of the system: the folder is not there, or cannot be read
 */
export function findFiles(root: string): CheckoutFiles {
  const found = { keps: [], templates: [], testData: [], readiness: [], links: [], all: new Set() } as {
    readonly [K in keyof CheckoutFiles]: K extends 'all' ? Set<string> : string[];
  };
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) found.links.push(path);
      else if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile()) place(path, folder);
    }
  };
  const place = (path: string, folder: string): void => {
    const isBelowKeps = path.startsWith('keps/');
    if (isBelowKeps) found.all.add(path);
    if (path.startsWith(READINESS) && path.endsWith('.yaml') && !path.startsWith(`${READINESS}template/`))
      found.readiness.push(path);
    if (!path.endsWith('/kep.yaml')) return;
    if (!isBelowKeps) found.testData.push(path);
    else if (folder === TEMPLATE) found.templates.push(path);
    else found.keps.push(folder);
  };
  walk('');
  for (const paths of [found.keps, found.templates, found.testData, found.readiness, found.links]) paths.sort();
  return found;
}

/** True for a folder that has a `keps` folder, as the root of a checkout has. */
export function isCheckout(root: string): boolean {
  return statSync(join(root, 'keps'), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
