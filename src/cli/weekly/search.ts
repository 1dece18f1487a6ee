import { ArchiveIndex, composeIssue, ISSUE, type PastIssue, STORY } from 'nekube/weekly';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { archiveOf } from './issue-source.ts';
import { withNewsroom } from './newsroom.ts';
import type { SearchFlags } from './search-command.ts';

/** Prints stories that have the words. @throws NegativeFinding if there are none */
export async function searchIssues(words: readonly string[], flags: SearchFlags, io: Io): Promise<void> {
  const { from, limit, output } = flags;
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1) throw new CliError(`"${limit}" is no count`, { hint: '--limit 20' });
  const issues = from === undefined ? await issuesOfServer(flags, io) : archiveOf(from, io).issues;
  const hits = new ArchiveIndex(issues).search(words.join(' '), most);
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

/** The issues of the server, as `readArchive` gives those of a folder. */
async function issuesOfServer(flags: SearchFlags, io: Io): Promise<readonly PastIssue[]> {
  return await withNewsroom(flags, io, async (client) => {
    const where = { namespace: client.defaultNamespace, signal: io.signal };
    const [{ items: issues }, { items: stories }] = await Promise.all([
      client.list(ISSUE, where),
      client.list(STORY, where),
    ]);
    return issues
      .toSorted((a, b) => b.spec.number - a.spec.number)
      .map((issue) => ({ file: issue.metadata.name!, issue: composeIssue(issue, stories).document }));
  });
}
