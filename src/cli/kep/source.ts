import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import {
  type Checkout,
  commitAt,
  currentMilestone,
  fits,
  folderTree,
  gitTree,
  isCheckout,
  type Kep,
  type KepFilter,
  parseFilter,
  readCheckout,
  staleness,
  termOf,
  type Tree,
  unknownValues,
} from 'nekube/kep';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';
import { FIELD_FLAGS, type FilterFlags, type SourceFlags } from './filter-flags.ts';

/** A checkout with the folder where it is, and the commit that was asked for. */
export interface OpenCheckout extends Checkout {
  readonly root: string;
  readonly commit: string | undefined;
  readonly tree: Tree;
}

/**
 * Reads the checkout that the flags name.
 *
 * @throws CliError: there is none, or it cannot be read
 */
export function checkoutOf(flags: SourceFlags, io: Io): OpenCheckout {
  const root = resolve(io.cwd, flags.from ?? '.');
  if (!isCheckout(root))
    throw new CliError(`${JSON.stringify(root)} is no checkout of kubernetes/enhancements: it has no folder keps`, {
      hint: 'git clone https://github.com/kubernetes/enhancements, and name it by --from',
    });
  try {
    const commit = flags.asOf === undefined ? undefined : commitAt(root, flags.asOf);
    const tree = commit === undefined ? folderTree(root) : gitTree(root, commit);
    return { root, commit, tree, ...readCheckout(tree) };
  } catch (error) {
    throw new CliError(messageOf(error), { cause: error });
  }
}

/**
 * The KEPs that the flags and words let through. Values that no KEP has are told where none is left.
 *
 * @throws CliError for a field or a value that there is none of
 */
export function filtered(keps: readonly Kep[], words: readonly string[], flags: FilterFlags, io: Io): readonly Kep[] {
  const filter = filterOf(words, flags);
  const newest = currentMilestone(keps);
  const reasonOf = newest === undefined ? () => undefined : staleness({ release: newest });
  const found = keps.filter((kep) => fits(kep, filter, (one) => reasonOf(one) !== undefined));
  if (found.length === 0)
    for (const value of unknownValues(keps, filter)) io.stderr(`note: no KEP has ${printable(value)}\n`);
  return found;
}

function filterOf(words: readonly string[], flags: FilterFlags): KepFilter {
  try {
    const written = parseFilter([flags.filter ?? '', ...words].join(' '));
    const terms = FIELD_FLAGS.flatMap(([field]) => {
      const values = flags[camelCase(field)] as readonly string[] | undefined;
      return values === undefined ? [] : [termOf(field, values)];
    });
    return { ...written, terms: [...written.terms, ...terms], ...(flags.stale && { isStale: true }) };
  } catch (error) {
    if (isParseError(error)) throw new CliError(error.message, { cause: error });
    throw error;
  }
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
