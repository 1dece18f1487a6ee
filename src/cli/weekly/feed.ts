import { join, resolve } from 'node:path';
import { formatTime } from 'nekube/apimachinery';
import {
  type AtomOptions,
  canonicalUrl,
  EditedFileError,
  keepFeed,
  type PastIssue,
  scheduledFor,
  writeAtom,
} from 'nekube/weekly';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { printable, printableLines } from '../printable.ts';
import type { FeedFlags } from './feed-command.ts';
import { archiveOf } from './issue-source.ts';

/**
 * Prints published issues as an Atom feed, or keeps it beside them.
 *
 * @throws NegativeFinding: the feed that is there was edited
 * @throws CliError for what is no address, or no folder
 */
export async function printFeed({ from, keep, force = false, ...said }: FeedFlags, io: Io): Promise<void> {
  if (canonicalUrl(said.url) === undefined)
    throw new CliError(`"${said.url}" is no address of a page`, { hint: 'it must begin with https:// or http://' });
  if (keep) return await keepFeedIn(from, said, force, io);
  const { issues } = archiveOf(from, io);
  const now = new Date();
  tellScheduled(issues, now, io);
  const published = issues.filter(({ issue }) => issue.published && scheduledFor(issue, now) === undefined);
  io.stdout(
    writeAtom(
      published.map(({ issue }) => issue),
      said,
    ),
  );
}

async function keepFeedIn(from: string, feed: AtomOptions, force: boolean, io: Io): Promise<void> {
  // tells what cannot be read, too
  tellScheduled(archiveOf(from, io).issues, new Date(), io);
  try {
    const { path, isChanged } = await keepFeed({ ...feed, to: resolve(io.cwd, from), force });
    io.stdout(`${join(from, path)} ${isChanged ? 'published' : 'unchanged'}\n`);
  } catch (error) {
    if (!(error instanceof EditedFileError)) throw new CliError(messageOf(error), { cause: error });
    io.stdout(`${printableLines(error.diff)}\n`);
    throw new NegativeFinding(`${error.message}; --force overwrites it`);
  }
}

function tellScheduled(issues: readonly PastIssue[], now: Date, io: Io): void {
  for (const { file, issue } of issues) {
    const scheduled = scheduledFor(issue, now);
    if (scheduled !== undefined)
      io.stderr(`note: ${printable(file)} is left out until ${formatTime(scheduled)}, for which it is scheduled\n`);
  }
}
