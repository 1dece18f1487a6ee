import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { ISSUE, momentOf, type IssueDocument, type IssueObject, WEEKLY_API } from 'nekube/weekly';
import type { NamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { issueObject, withNewsroom } from './newsroom.ts';

/** Lets the newsroom know that readers have an issue, so that what its stories are about is followed from then on. */
export async function tellNewsroom(number: string, issue: IssueDocument, flags: NamespaceFlags, io: Io): Promise<void> {
  await withNewsroom(flags, io, async (client) => {
    const object = await issueObject(client, number, io.signal);
    await keepPublished(client, object, issue, io);
  });
}

/** Whether the newsroom knows already that readers have an issue. */
export async function isKnownAsPublished(number: string, flags: NamespaceFlags, io: Io): Promise<boolean> {
  return await withNewsroom(flags, io, async (client) => {
    const { status } = await issueObject(client, number, io.signal);
    return status?.publishedTime !== undefined;
  });
}

/** Keeps in an Issue's status when it was published, unless that is known. Whoever may not is told, and nothing is lost but follow-ups. */
export async function keepPublished(
  client: Client,
  { metadata, status }: IssueObject,
  { publishedAt, date }: IssueDocument,
  io: Io,
): Promise<void> {
  if (status?.publishedTime !== undefined) return;
  const now = new Date();
  const day = new Date(date ?? '');
  // who has an issue of a day to come, or of none, has it from now on
  const publishedTime = formatTime(momentOf(publishedAt ?? '') ?? (day <= now ? day : now));
  const key = { namespace: metadata.namespace!, name: metadata.name! };
  try {
    await client.apply(
      { apiVersion: WEEKLY_API, kind: ISSUE.kind, metadata: key, status: { publishedTime } } as never,
      { fieldManager: 'weekly-publish', subresource: 'status', signal: io.signal },
    );
  } catch (error) {
    if (!isStatusError(error, 'Forbidden')) throw error;
    io.stderr(`Warning: the newsroom is not told that it is published: ${(error as Error).message}\n`);
  }
}
