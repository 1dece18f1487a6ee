import { formatTime } from 'nekube/apimachinery';
import { type FeedState, newFeedState } from '../collect/feed-state.ts';
import { present } from '../feeds/texts.ts';
import type { FeedObject, FeedStatus } from '../resources/kinds.ts';

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
