import { folderTree } from '../checkout/folder-tree.ts';
import { commitAt, gitTree } from '../checkout/git-tree.ts';
import { readCheckout } from '../checkout/read-checkout.ts';
import { headOf, timeOf } from '../git/clone.ts';
import { GitError } from '../git/git.ts';
import { historiesOf, type KepHistory } from '../history/history.ts';
import type { Kep } from '../model/kep.ts';
import { findingsByKep, type SiteContent } from './kep-site.ts';

/** The repository that KEPs are in, unless another is named. */
export const REPOSITORY = 'https://github.com/kubernetes/enhancements';

/** How a checkout is read for a site. */
export interface CheckoutContentOptions {
  /** A day or a revision; absent: the files as they are now. */
  readonly asOf?: string;
  /** Where the repository is to be read; default: {@link REPOSITORY}. */
  readonly repository?: string;
}

/**
 * What a site is made from, of a checkout: with the histories of its KEPs where it is a clone that has them.
 *
 * @throws GitError: there is nothing at that day or revision
 * @throws Error of the system: its files cannot be read
 */
export function checkoutContent(
  root: string,
  { asOf, repository = REPOSITORY }: CheckoutContentOptions = {},
): SiteContent {
  const commit = asOf === undefined ? headOf(root) : commitAt(root, asOf);
  const tree = asOf === undefined ? folderTree(root) : gitTree(root, commit!);
  const { keps, findings } = readCheckout(tree);
  const histories = commit === undefined ? new Map<string, KepHistory>() : historiesIn(root, keps, commit);
  return {
    source: {
      repository,
      ...(commit !== undefined && { commit, time: timeOf(root, commit) }),
      ...(asOf !== undefined && { asOf }),
      hasHistory: histories.size > 0,
    },
    keps,
    findings: findingsByKep(keps, findings),
    histories,
    textOf: ({ readme }) => (readme === undefined ? '' : tree.text(readme)),
  };
}

function historiesIn(root: string, keps: readonly Kep[], commit: string): ReadonlyMap<string, KepHistory> {
  try {
    return historiesOf(root, keps, commit);
  } catch (error) {
    if (error instanceof GitError) return new Map();
    throw error;
  }
}
