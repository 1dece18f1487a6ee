import { createHash } from 'node:crypto';
import { pageMetadata } from '../feeds/page-metadata.ts';
import { parseFeed } from '../feeds/parse-feed.ts';
import type { DocumentRequest, FetchOutcome } from './fetch-document.ts';
import type { FeedState } from './feed-state.ts';
import type { PollOutcome } from './schedule.ts';
import { addressWithoutSecrets } from './without-secrets.ts';

/** How a document is asked for: `DocumentFetcher.fetch`, or what stands for it in a test. */
export type FetchDocument = (request: DocumentRequest) => Promise<FetchOutcome>;

/**
 * Polls a feed once. A body that is the same as the last one is not read again; a redirect is kept only if there is a feed at its end,
 * since a page for sale answers as well. Throws only the reason of the signal.
 */
export async function pollFeed(
  { url, etag, lastModified, bodyHash }: FeedState,
  fetch: FetchDocument,
  signal?: AbortSignal,
): Promise<PollOutcome> {
  const answer = await fetch({
    url,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(signal !== undefined && { signal }),
  });
  if (answer.kind !== 'document') return answer;
  const { bytes, contentType, ...had } = answer;
  const hash = createHash('sha256').update(bytes).digest('base64url');
  if (hash === bodyHash) return { ...had, kind: 'unchanged' };
  const feed = parseFeed(bytes, { url: had.url, ...(contentType !== undefined && { contentType }) });
  if (feed.format !== undefined) return { ...had, kind: 'read', feed, bodyHash: hash };
  const what = feed.defects.find(({ code }) => code === 'NotAFeed')?.message ?? 'this is no feed';
  const { feeds } = pageMetadata(bytes, contentType, had.url);
  const hint = feeds.length > 0 ? `; it names ${feeds.slice(0, 3).join(' and ')}` : '';
  return { kind: 'failed', reason: 'NotAFeed', message: `${addressWithoutSecrets(had.url)}: ${what}${hint}` };
}
