import { formatTime, isStatusError, type ObjectMeta } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type FeedState, newFeedState } from '../collect/feed-state.ts';
import { present } from '../feeds/texts.ts';
import { FEED, type FeedObject, type FeedStatus, WEEKLY_API } from '../resources/kinds.ts';

/** What is known of a feed: nothing once its spec changed, since another address has other items. */
export function knownOf({ metadata, status }: FeedObject): FeedStatus {
  return status !== undefined && status.observedGeneration === metadata.generation ? status : {};
}

/** What was kept of a feed since it was polled last. */
export function stateOf(feed: FeedObject): FeedState {
  const {
    lastPollTime,
    nextPollTime,
    lastSuccessTime,
    url,
    etag,
    lastModified,
    bodyHash,
    hints,
    failures,
    conditions,
  } = knownOf(feed);
  return {
    ...newFeedState(url ?? feed.spec.url ?? ''),
    ...present({ etag, lastModified, bodyHash, hints, failures, conditions }),
    ...present({ lastPoll: lastPollTime, nextPoll: nextPollTime, lastSuccess: lastSuccessTime }),
  };
}

/** The same in a status, where times are in whole seconds. */
export function statusOf({ nextPoll, lastPoll, lastSuccess, url, hints, conditions, ...state }: FeedState): FeedStatus {
  return {
    ...state,
    ...(url !== '' && { url }),
    ...(hints && { hints: structuredClone(hints) as NonNullable<FeedStatus['hints']> }),
    conditions: [...conditions],
    ...present({
      nextPollTime: timeOf(nextPoll),
      lastPollTime: timeOf(lastPoll),
      lastSuccessTime: timeOf(lastSuccess),
    }),
  };
}

function timeOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : formatTime(new Date(time));
}

/** Writes the status of a Feed as the field manager `weekly-feed`. False: it was deleted since, and what has its name now is another one. */
export async function writeFeedStatus(
  client: Client,
  { metadata: { name, namespace = '', uid, resourceVersion } }: { readonly metadata: ObjectMeta },
  status: FeedStatus,
  signal: AbortSignal,
): Promise<boolean> {
  const feed = { apiVersion: WEEKLY_API, kind: 'Feed', metadata: { name, namespace, resourceVersion }, status };
  const options = { fieldManager: 'weekly-feed', force: true, subresource: 'status', signal } as const;
  try {
    await client.apply(feed as never, options);
    return true;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    if (!isStatusError(error, 'Conflict')) throw error;
  }
  // a status takes any uid: whether it is still the same Feed is seen in the one that there is now
  const now = await client.get(FEED, { namespace, name: name! }, { signal }).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
  if (now?.metadata.uid !== uid) return false;
  return await writeFeedStatus(client, now!, status, signal);
}
