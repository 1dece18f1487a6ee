import { type Client, untilServed } from 'nekube/client';
import { WEEKLY_DEFINITIONS } from './definitions.ts';
import { FEED, ISSUE, PUBLICATION, STORY, VOTE } from './kinds.ts';

/**
 * Makes the newsroom's kinds known to a server, and waits until they are served.
 *
 * @throws StatusError what the server answers: `Forbidden` without the right to make definitions
 */
export async function installWeekly(client: Client, signal?: AbortSignal): Promise<void> {
  const options = { fieldManager: 'nekube-weekly', force: true, ...(signal && { signal }) };
  for (const definition of WEEKLY_DEFINITIONS) await client.apply(definition as never, options);
  for (const kind of [FEED, STORY, VOTE, ISSUE, PUBLICATION]) await untilServed(client, kind, signal && { signal });
}
