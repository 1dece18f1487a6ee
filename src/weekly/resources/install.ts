import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, untilServed } from 'nekube/client';
import { WEEKLY_DEFINITIONS } from './definitions.ts';
import { FEED, ISSUE, PUBLICATION, STORY, VOTE } from './kinds.ts';
import { VOTES_POLICY } from './votes-policy.ts';

/** All that a newsroom is on a server: the definitions of its kinds, and who may vote as whom. */
export const WEEKLY_OBJECTS: readonly KubeObject[] = [...WEEKLY_DEFINITIONS, ...VOTES_POLICY];

/**
 * Makes the newsroom's kinds known to a server, and waits until they are served. Gives what could not be installed though the newsroom works
 * without it, as sentences: who may vote as whom needs a server that has policies, and the right to make them.
 *
 * @throws StatusError what the server answers: `Forbidden` without the right to make definitions
 */
export async function installWeekly(client: Client, signal?: AbortSignal): Promise<readonly string[]> {
  const options = { fieldManager: 'nekube-weekly', force: true, ...(signal && { signal }) };
  for (const definition of WEEKLY_DEFINITIONS) await client.apply(definition as never, options);
  for (const kind of [FEED, STORY, VOTE, ISSUE, PUBLICATION]) await untilServed(client, kind, signal && { signal });
  try {
    for (const policy of VOTES_POLICY) await client.apply(policy as never, options);
    return [];
  } catch (error) {
    if (!isNoMatchError(error) && !isStatusError(error, 'Forbidden')) throw error;
    return [
      `Whoever may write votes may vote as anybody, since the policy of votes is not installed: ${(error as Error).message}`,
    ];
  }
}
