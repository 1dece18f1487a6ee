import { isStatusError } from 'nekube/apimachinery';
import { textOfTitle, VOTE, WEEKLY_API } from 'nekube/weekly';
import { printable } from '../printable.ts';
import { withNewsroom } from './newsroom.ts';
import type { Io } from '../io.ts';
import { findStory } from './find-story.ts';
import { voterOf } from './voter.ts';
import type { VoteFlags } from './vote-command.ts';

/** Votes, votes anew, or takes a vote back. @throws CliError if there is no such story, or one may not vote as that person */
export async function vote(meant: string, flags: VoteFlags, io: Io): Promise<void> {
  const { signal } = io;
  await withNewsroom(flags, io, async (client) => {
    const voter = await voterOf(client, flags, io);
    const { metadata, spec } = await findStory(client, meant, signal);
    const key = { namespace: metadata.namespace!, name: `${metadata.name}.${voter}` };
    if (flags.withdraw) {
      await client.delete(VOTE, key, { signal }).catch((error: unknown) => {
        if (!isStatusError(error, 'NotFound')) throw error;
      });
      return io.stdout(`${voter} has no vote on "${printable(textOfTitle(spec.title))}"\n`);
    }
    const value = flags.against ? 'Against' : 'For';
    const { comment } = flags;
    await client.apply(
      {
        apiVersion: WEEKLY_API,
        kind: 'Vote',
        metadata: key,
        spec: { storyRef: { name: metadata.name! }, voter, value, ...(comment !== undefined && { comment }) },
      },
      { fieldManager: voter, signal },
    );
    io.stdout(`${voter} votes ${value.toLowerCase()} "${printable(textOfTitle(spec.title))}"\n`);
  });
}
