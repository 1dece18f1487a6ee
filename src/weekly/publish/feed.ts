import { formatTime } from 'nekube/apimachinery';
import type { IssueDocument } from '../issue/model.ts';
import { momentOf, scheduledFor } from '../issue/publication-time.ts';
import { addressOf, type AtomOptions, atomEntries, atomOf, entriesOfAtom } from '../render/atom.ts';
import type { LedgerEntry } from './ledger.ts';

/** The name of the feed that is kept beside what is published. */
export const FEED_FILE = 'feed.xml';

/** Readers of feeds want what is new; the archive has the rest. */
const MOST_ENTRIES = 50;

/**
 * The feed with issues as they are now: what readers may see takes the place of what it had of the same address, and what they may no longer see
 * leaves it; what is scheduled for later is not there yet. The text is the same whether it is made at once or issue by issue.
 *
 * @param there the feed as it was written by this, undefined if there is none
 */
export function feedWith(
  there: string | undefined,
  issues: readonly IssueDocument[],
  options: AtomOptions,
  now: Date,
): string {
  const entries = new Map((there === undefined ? [] : entriesOfAtom(there)).map((entry) => [entry.address, entry]));
  for (const issue of issues)
    for (const entry of atomEntries([issue], options))
      if (issue.published && scheduledFor(issue, now) === undefined) entries.set(entry.address, entry);
      else entries.delete(entry.address);
  return atomOf([...entries.values()], options, MOST_ENTRIES);
}

/** The entries of a ledger that a feed does not have, though their time has come, and that it would have room for. */
export function lackingIn(
  there: string,
  entries: readonly (readonly [path: string, entry: LedgerEntry])[],
  options: AtomOptions,
  now: Date,
): readonly string[] {
  const shown = entriesOfAtom(there);
  const addresses = new Set(shown.map(({ address }) => address));
  const oldest = shown.length < MOST_ENTRIES ? '' : shown.at(-1)!.updated;
  return entries
    .filter(([, { slug, publishedAt }]) => {
      const moment = momentOf(publishedAt ?? '');
      if (moment === undefined || moment > now) return false;
      return !addresses.has(addressOf(slug, options)) && formatTime(moment) >= oldest;
    })
    .map(([path]) => path);
}
