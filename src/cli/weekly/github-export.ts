import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isStatusError } from 'nekube/apimachinery';
import {
  type GitHubExport,
  itemsOfGitHub,
  proposalsOf,
  readGitHubExport,
  type StoryObject,
  WEEKLY_API,
} from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import type { ClusterFlags } from '../cluster-flags.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';

/** Proposes what is worth telling of a file that GitHub's API or gh printed. @throws CliError if it cannot be read */
export async function proposeExport(file: string, flags: ClusterFlags, io: Io): Promise<void> {
  const { records, defects } = await read(file, io);
  for (const defect of defects) io.stderr(`Warning: ${printable(defect)}\n`);
  const { proposals } = proposalsOf(itemsOfGitHub(records), {}, { seen: [], since: new Date(0) });
  let proposed = 0;
  await withNewsroom(flags, io, async (client) => {
    for (const { name, title, url, publishedTime } of proposals) {
      const metadata = { name, namespace: client.defaultNamespace };
      const spec = { title, url, ...(publishedTime !== undefined && { publishedTime }) };
      const story: StoryObject = { apiVersion: WEEKLY_API, kind: 'Story', metadata, spec };
      try {
        await client.create<StoryObject>(story, { fieldManager: 'weekly-feed', signal: io.signal });
        proposed++;
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists')) throw error;
      }
    }
  });
  io.stdout(`${records.length} read, ${proposals.length} worth telling, ${proposed} proposed\n`);
}

async function read(file: string, io: Io): Promise<GitHubExport> {
  try {
    const text = file === '-' ? await io.stdin?.() : readFileSync(resolve(io.cwd, file), 'utf8');
    return readGitHubExport(text ?? '');
  } catch (error) {
    throw new CliError(`Cannot read ${file}: ${messageOf(error)}`, {
      hint: 'it must be JSON, as the API of GitHub prints it',
      cause: error,
    });
  }
}
