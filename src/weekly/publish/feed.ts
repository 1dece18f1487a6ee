import type { IssueDocument } from '../issue/model.ts';
import { scheduledFor } from '../issue/publication-time.ts';
import { type AtomOptions, atomEntries, atomOf, entriesOfAtom } from '../render/atom.ts';

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
