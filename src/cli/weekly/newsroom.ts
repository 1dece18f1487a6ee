import { isStatusError } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { ISSUE, type IssueObject, STORY, type StoryObject, VOTE, withVotes } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import type { NamespaceFlags } from '../cluster-flags.ts';
import { CliError, type Io } from '../io.ts';
import { issueName } from './find-story.ts';

/**
 * Connects to the server of a newsroom, as `withCluster` does.
 *
 * @throws CliError when the server does not know the newsroom's kinds: it says what makes them known
 */
export async function withNewsroom<T>(flags: NamespaceFlags, io: Io, use: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await withCluster(flags, io, use);
  } catch (error) {
    if (!isNoMatchError(error)) throw error;
    throw new CliError('The newsroom is not installed on this server', {
      hint: 'nekube weekly install, by somebody who may make definitions',
      cause: error,
    });
  }
}

/** The Issue with a number. @throws CliError if there is none */
export async function issueObject(client: Client, number: string, signal: AbortSignal): Promise<IssueObject> {
  const key = { namespace: client.defaultNamespace, name: issueName(number) };
  return await client.get(ISSUE, key, { signal }).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
    throw new CliError(`There is no issue ${number}`, {
      hint: `nekube weekly new ${number} begins it`,
      cause: error,
    });
  });
}

/** All stories, with the votes that are there now. */
export async function allStories(client: Client, signal: AbortSignal): Promise<readonly StoryObject[]> {
  const where = { namespace: client.defaultNamespace, signal };
  const [{ items }, { items: votes }] = await Promise.all([client.list(STORY, where), client.list(VOTE, where)]);
  return withVotes(items, votes);
}
