import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDay, isParseError } from 'nekube/apimachinery';
import { isNoMatchError } from 'nekube/client';
import {
  type CheckoutContent,
  checkoutContent,
  contentAsOf,
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
  type UnfinishedSync,
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
  const { from, asOf } = flags;
  if (from !== undefined) throw new CliError('--from is of a checkout, --kubeconfig and --context of a server');
  if (asOf !== undefined && !isDay(asOf))
    throw new CliError(`--as-of ${printable(asOf)}: a server knows days, as 2023-01-31, and no revisions of git`);
  return withCluster(flags, io, async (client) => {
    const content = await serverContent(client, io.signal && { signal: io.signal }).catch((error: unknown) => {
      if (!isNoMatchError(error)) throw error;
      throw new CliError('the server has no Keps', { hint: 'nekube kep sync brings them there', cause: error });
    });
    for (const sync of content.source.unfinished ?? [])
      io.stderr(
        `note: KEPs may be missing or old: ${unfinishedText(sync)}${sync.isUnderWay ? '' : '; nekube kep sync does the rest'}\n`,
      );
    return use(asOf === undefined ? content : serverAsOf(content, asOf, io));
  });
}

/** What is known of a sync that did not end. */
export function unfinishedText({ source, begun, renewed, keps, isUnderWay }: UnfinishedSync): string {
  const sync = `the sync of ${keps} KEPs of ${printable(source)}`;
  return isUnderWay
    ? `${sync} is under way since ${begun}`
    : `${sync} that began at ${begun} was cut off at ${renewed}`;
}

/**
 * What the KEPs of a server were on a day, by the histories that a sync brought. What is not known of it is said.
 *
 * @throws CliError: there are no histories
 */
function serverAsOf(content: SiteContent, day: string, io: Io): SiteContent {
  const { keps } = content;
  const histories = content.histories();
  const unknown = keps.filter(({ name }) => !histories.has(name)).length;
  if (keps.length > 0 && unknown === keps.length)
    throw new CliError('the Keps of the server have no histories, so it is not known what they were', {
      hint: 'nekube kep sync brings them without --no-history, from a clone that is not shallow',
    });
  io.stderr(
    'note: title, number, SIG, status, stage and milestones are of that day; all else is as now, and what was removed since is not known to a server\n',
  );
  if (unknown > 0)
    io.stderr(`note: of ${unknown} of ${keps.length} KEPs nothing is known of that day: they are left out\n`);
  return contentAsOf(content, day);
}

/**
 * Reads the checkout that the flags name. Its history is read when it is asked for.
 *
 * @throws CliError: there is none, or it cannot be read
 */
export function checkoutOf({ from = '.', asOf }: CheckoutFlags, io: Io): CheckoutContent {
  const root = resolve(io.cwd, from);
  if (!isCheckout(root))
    throw new CliError(`${JSON.stringify(root)} is no checkout of kubernetes/enhancements: ${lackOf(root)}`, {
      hint: 'git clone https://github.com/kubernetes/enhancements, and name it by --from; --kubeconfig or --context names a server that has KEPs',
    });
  try {
    return checkoutContent(root, asOf === undefined ? {} : { asOf });
  } catch (error) {
    throw new CliError(messageOf(error), { cause: error });
  }
}

function lackOf(root: string): string {
  if (!existsSync(root)) return 'it is not there';
  return statSync(root).isDirectory() ? 'it has no folder keps' : 'it is no folder';
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
  const reasonOf = filter.isStale === undefined ? () => undefined : stalenessIn(content, historiesIn(content));
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
