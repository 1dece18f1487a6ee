import { statSync } from 'node:fs';
import { join } from 'node:path';
import { folderTree } from '../checkout/folder-tree.ts';
import { commitAt, gitTree } from '../checkout/git-tree.ts';
import { type Checkout, readCheckout } from '../checkout/read-checkout.ts';
import { headOf, isBare, timeOf } from '../git/clone.ts';
import { historiesOf, type KepHistory } from '../history/history.ts';
import type { Kep } from '../model/kep.ts';
import type { Tree } from '../model/tree.ts';
import { findingsByKep, REPOSITORY, type SiteContent } from './kep-site.ts';

/** How a checkout is read for a site. */
export interface CheckoutContentOptions {
  /** A day or a revision; absent: the files as they are now, of a bare repository those of its newest commit. */
  readonly asOf?: string;
  /** Where the repository is to be read; default: {@link REPOSITORY}. */
  readonly repository?: string;
}

/** What a site is made from, with the checkout that it is of. */
export interface CheckoutContent extends SiteContent {
  readonly root: string;
  readonly checkout: Checkout;
  readonly tree: Tree;
  readonly textOf: (kep: Kep) => string;
}

/** What browsers show as an image. */
const IMAGE = /\.(?:png|jpe?g|gif|svg|webp|avif)$/i;

/**
 * What a site is made from, of a checkout, or of the newest commit of a bare repository. Its history is read when it is asked for.
 *
 * @throws GitError: there is nothing at that day or revision
 * @throws Error of the system: its files cannot be read
 */
export function checkoutContent(
  root: string,
  { asOf, repository = REPOSITORY }: CheckoutContentOptions = {},
): CheckoutContent {
  const commit = asOf === undefined ? headOf(root) : commitAt(root, asOf);
  const isOfCommit = asOf !== undefined || isBare(root);
  const tree = isOfCommit ? gitTree(root, commit ?? 'HEAD') : folderTree(root);
  const checkout = readCheckout(tree);
  const { keps, findings } = checkout;
  const textOf = ({ readme }: Kep): string => (readme === undefined ? '' : tree.text(readme));
  let histories: ReadonlyMap<string, KepHistory> | undefined;
  return {
    root,
    checkout,
    tree,
    source: {
      repository,
      ...(commit !== undefined && { commit, time: timeOf(root, commit) }),
      ...(asOf !== undefined && { asOf }),
    },
    keps,
    findings: findingsByKep(keps, findings),
    histories: () => (histories ??= historiesOf(root, keps, commit)),
    textOf,
    imageOf: (path) => (tree.files.has(path) && IMAGE.test(path) ? tree.bytes?.(path) : undefined),
    allTexts: () => Promise.resolve(textOf),
    textsVersion: () => Promise.resolve(isOfCommit ? commit! : filesVersion(root, keps)),
  };
}

/** When which READMEs were written, and how long they are. */
function filesVersion(root: string, keps: readonly Kep[]): string {
  return keps
    .flatMap(({ readme }) => {
      const stats = readme === undefined ? undefined : statSync(join(root, readme), { throwIfNoEntry: false });
      return stats === undefined ? [] : [`${readme} ${stats.size} ${stats.mtimeMs}`];
    })
    .join('\n');
}
