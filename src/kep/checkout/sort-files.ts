import type { CheckoutFiles } from '../model/checkout-files.ts';
import type { Tree } from '../model/tree.ts';

const TEMPLATE = 'keps/NNNN-kep-template/kep.yaml';
const READINESS = 'keps/prod-readiness/';

/** What the text of a KEP is called, the usual first. */
export const README_NAMES = ['README.md', 'README.MD', 'readme.md'] as const;

/** Says which files of a tree are KEPs, and which only look so. */
export function sortFiles({ files, links }: Pick<Tree, 'files' | 'links'>): CheckoutFiles {
  const all = [...files].sort();
  const described = all.filter((path) => path.endsWith('/kep.yaml'));
  const below = described.filter((path) => path.startsWith('keps/'));
  return {
    keps: below.filter((path) => path !== TEMPLATE).map((path) => path.slice(0, -'/kep.yaml'.length)),
    templates: below.filter((path) => path === TEMPLATE),
    testData: described.filter((path) => !path.startsWith('keps/')),
    readiness: all.filter(
      (path) => path.startsWith(READINESS) && path.endsWith('.yaml') && !path.startsWith(`${READINESS}template/`),
    ),
    links: [...links.keys()].sort(),
    all: files,
  };
}
