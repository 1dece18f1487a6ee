import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GitHubExport, itemsOfGitHub, proposalsOf, proposeStory, readGitHubExport } from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import type { NamespaceFlags } from '../cluster-flags.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';

/** Proposes what is worth telling of a file that GitHub's API or gh printed. @throws CliError if it cannot be read */
export async function proposeExport(file: string, flags: NamespaceFlags, io: Io): Promise<void> {
  const { records, defects } = await read(file, io);
  for (const defect of defects) io.stderr(`Warning: ${printable(defect)}\n`);
  const { proposals } = proposalsOf(itemsOfGitHub(records), {}, { seen: [], since: new Date(0) });
  let proposed = 0;
  await withNewsroom(flags, io, async (client) => {
    const as = { namespace: client.defaultNamespace, signal: io.signal };
    for (const proposal of proposals) {
      const done = await proposeStory(client, proposal, as);
      if (done.kind === 'created') proposed++;
      if (done.kind === 'refused') io.stderr(`Warning: ${printable(`${proposal.url} is no story: ${done.reason}`)}\n`);
    }
  });
  io.stdout(`${records.length} read, ${proposals.length} worth telling, ${proposed} proposed\n`);
}

async function read(file: string, io: Io): Promise<GitHubExport> {
  const text = file === '-' ? ((await io.stdin?.()) ?? '') : textOf(resolve(io.cwd, file));
  try {
    return readGitHubExport(text);
  } catch (error) {
    throw new CliError(`Cannot read ${file}: ${messageOf(error)}`, {
      hint: 'it must be JSON, as the API of GitHub prints it',
      cause: error,
    });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(messageOf(cause, path), { hint: 'name a file that gh printed, or - for stdin', cause });
  }
}
