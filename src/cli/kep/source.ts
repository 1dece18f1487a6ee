import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import { isNoMatchError } from 'nekube/client';
import {
  type CheckoutContent,
  checkoutContent,
  type Filterable,
  fits,
  historiesIn,
  isCheckout,
  type Kep,
  type KepFilter,
  parseFilter,
  serverContent,
  type SiteContent,
  stalenessIn,
  termOf,
  unknownValues,
} from 'nekube/kep';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';
import { type CheckoutFlags, FIELD_FLAGS, type FilterFlags, type SourceFlags } from './filter-flags.ts';

/**
 * Hands the KEPs of the checkout or the server that the flags name to `use`.
 *
 * @throws CliError: there are none, or they cannot be read
 */
export async function withKeps<T>(
  flags: SourceFlags,
  io: Io,
  use: (content: SiteContent) => T | Promise<T>,
): Promise<T> {
  if (flags.kubeconfig === undefined && flags.context === undefined) return use(checkoutOf(flags, io));
  if (flags.from !== undefined || flags.asOf !== undefined)
    throw new CliError(
      `--${flags.from === undefined ? 'as-of' : 'from'} is of a checkout, --kubeconfig and --context of a server`,
    );
  return withCluster(flags, io, async (client) => {
    const content = await serverContent(client, io.signal && { signal: io.signal }).catch((error: unknown) => {
      if (!isNoMatchError(error)) throw error;
      throw new CliError('the server has no Keps', { hint: 'nekube kep sync brings them there', cause: error });
    });
    return use(content);
  });
}

/**
 * Reads the checkout that the flags name. Its history is read when it is asked for.
 *
 * @throws CliError: there is none, or it cannot be read
 */
export function checkoutOf({ from = '.', asOf }: CheckoutFlags, io: Io): CheckoutContent {
  const root = resolve(io.cwd, from);
  if (!isCheckout(root))
    throw new CliError(`${JSON.stringify(root)} is no checkout of kubernetes/enhancements: it has no folder keps`, {
      hint: 'git clone https://github.com/kubernetes/enhancements, and name it by --from; --context names a server that has KEPs',
    });
  try {
    return checkoutContent(root, asOf === undefined ? {} : { asOf });
  } catch (error) {
    throw new CliError(messageOf(error), { cause: error });
  }
}

/**
 * The KEPs that the flags and words let through. Values that no KEP has are told where none is left.
 *
 * @throws CliError for a field or a value that there is none of
 */
export function filtered(content: SiteContent, words: readonly string[], flags: FilterFlags, io: Io): readonly Kep[] {
  const filter = filterOf(words, flags);
  const { keps, isStale } = filterable(content, filter);
  const found = content.keps.filter((_, i) => fits(keps[i]!, filter, isStale));
  if (found.length === 0)
    for (const value of unknownValues(keps, filter)) io.stderr(`note: no KEP has ${printable(value)}\n`);
  return found;
}

/** What a filter looks at, by the history where it asks for that: when KEPs changed last, and which are stale. */
export function filterable(
  content: SiteContent,
  filter: KepFilter,
): { readonly keps: readonly (Kep & Filterable)[]; readonly isStale: (kep: Kep) => boolean } {
  const asksForDays = filter.terms.some(({ field }) => field === 'changed');
  const reasonOf = filter.isStale ? stalenessIn(content, historiesIn(content)) : () => undefined;
  return { keps: asksForDays ? withChanges(content) : content.keps, isStale: (kep) => reasonOf(kep) !== undefined };
}

/** KEPs with the days of their last changes, which their history has. */
function withChanges(content: SiteContent): readonly (Kep & Filterable)[] {
  const histories = historiesIn(content);
  return content.keps.map((kep) => {
    const day = histories.get(kep.name)?.changed.slice(0, 10);
    return day === undefined ? kep : { ...kep, changed: { day } };
  });
}

/**
 * What the flags and words ask for.
 *
 * @throws CliError for a field or a value that there is none of
 */
export function filterOf(words: readonly string[], flags: FilterFlags): KepFilter {
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
