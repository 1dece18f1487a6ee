import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type StoryObject, WEEKLY_API } from '../resources/kinds.ts';
import type { Proposal } from '../sources/proposals.ts';

/** Whose proposal it is, and where. */
export interface ProposeOptions {
  readonly namespace: string;
  /** The name of the Feed that has it. */
  readonly feed?: string;
  /** What it is proposed for. */
  readonly section?: string;
  readonly signal?: AbortSignal;
}

/** What became of a proposal: a story, one that was there before, or none, since the server takes none like it. */
export type Proposed =
  | { readonly kind: 'created' | 'there' }
  | {
      readonly kind: 'refused';
      /** In the server's words. */
      readonly reason: string;
    };

/**
 * Makes a story of a proposal, as the field manager `weekly-feed`, which gives way to editors. What the server does not take, of one item, is no
 * reason to leave out others; other errors are thrown.
 */
export async function proposeStory(
  client: Client,
  { name, title, url, publishedTime }: Proposal,
  { namespace, feed, section, signal }: ProposeOptions,
): Promise<Proposed> {
  const story: StoryObject = {
    apiVersion: WEEKLY_API,
    kind: 'Story',
    metadata: { name, namespace },
    spec: {
      title,
      url,
      ...(feed !== undefined && { feedRef: { name: feed } }),
      ...(publishedTime !== undefined && { publishedTime }),
      ...(section !== undefined && { section }),
    },
  };
  try {
    await client.create<StoryObject>(story, { fieldManager: 'weekly-feed', ...(signal && { signal }) });
    return { kind: 'created' };
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return { kind: 'there' };
    if (isStatusError(error, 'Invalid')) return { kind: 'refused', reason: error.message };
    throw error;
  }
}
