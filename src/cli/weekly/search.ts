import { ArchiveIndex } from 'nekube/weekly';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { archiveOf } from './issue-source.ts';
import type { SearchFlags } from './search-command.ts';

/** Prints stories that have the words. @throws NegativeFinding if there are none */
export function searchIssues(words: readonly string[], { from, limit, output }: SearchFlags, io: Io): void {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1) throw new CliError(`"${limit}" is no count`, { hint: '--limit 20' });
  const hits = new ArchiveIndex(archiveOf(from, io).issues).search(words.join(' '), most);
  if (output === 'json') {
    const plain = hits.map(({ past: { file, issue }, ...hit }) => ({
      file,
      number: issue.number,
      date: issue.date,
      ...hit,
    }));
    io.stdout(`${JSON.stringify({ hits: plain }, null, 2)}\n`);
  } else {
    for (const { past, title, url, excerpt } of hits) {
      const { number, date } = past.issue;
      const where = [number === undefined ? past.file : `#${number}`, date]
        .filter((part) => part !== undefined)
        .join(' ');
      io.stdout(printable(`${where}  ${title}${url === undefined ? '' : `  ${url}`}`) + '\n');
      if (excerpt !== '') io.stdout(`    ${printable(excerpt)}\n`);
    }
  }
  if (hits.length === 0) throw new NegativeFinding('nothing found');
}
