import { isStatusError } from 'nekube/apimachinery';
import type { Client, ObjectKey } from 'nekube/client';
import { isVoteOf, sharedName, textOfTitle, VOTE, WEEKLY_API } from 'nekube/weekly';
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
    const { voter, user } = await voterOf(client, flags, io);
    const shown = printable(user ?? voter);
    const { metadata, spec } = await findStory(client, meant, signal);
    const key = { namespace: metadata.namespace!, name: `${metadata.name}.${voter}` };
    if (user !== undefined && sharedName(user) !== voter)
      await withdrawOld(client, { ...key, name: `${metadata.name}.${sharedName(user)}` }, user, signal);
    if (flags.withdraw) {
      await withdraw(client, key, signal);
      return io.stdout(`${shown} has no vote on "${printable(textOfTitle(spec.title))}"\n`);
    }
    const value = flags.against ? 'Against' : 'For';
    const { comment } = flags;
    await client.apply(
      {
        apiVersion: WEEKLY_API,
        kind: 'Vote',
        metadata: key,
        spec: {
          storyRef: { name: metadata.name! },
          voter,
          ...(user !== undefined && { user }),
          value,
          ...(comment !== undefined && { comment }),
        },
      },
      { fieldManager: voter, signal },
    );
    io.stdout(`${shown} votes ${value.toLowerCase()} "${printable(textOfTitle(spec.title))}"\n`);
  });
}

async function withdraw(client: Client, key: ObjectKey, signal: AbortSignal): Promise<void> {
  await client.delete(VOTE, key, { signal }).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
}

/** A vote from before names told users apart would be a second one of this user. */
async function withdrawOld(client: Client, key: ObjectKey, user: string, signal: AbortSignal): Promise<void> {
  const old = await client.get(VOTE, key, { signal }).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Forbidden')) throw error;
  });
  if (old && isVoteOf(old, user)) await withdraw(client, key, signal);
}
