import { canonicalUrl, writeAtom } from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';
import type { FeedFlags } from './feed-command.ts';
import { archiveOf } from './issue-source.ts';

/** Prints published issues as an Atom feed. @throws CliError for what is no address, or no folder */
export function printFeed({ from, ...said }: FeedFlags, io: Io): void {
  if (canonicalUrl(said.url) === undefined)
    throw new CliError(`"${said.url}" is no address of a page`, { hint: 'it must begin with https:// or http://' });
  const published = archiveOf(from, io).issues.filter(({ issue }) => issue.published);
  io.stdout(
    writeAtom(
      published.map(({ issue }) => issue),
      said,
    ),
  );
}
