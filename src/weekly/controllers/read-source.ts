import type { Client, Clock } from 'nekube/client';
import { type FetchDocument, pollFeed } from '../collect/poll-feed.ts';
import type { GitHubClient } from '../github/client.ts';
import { githubSource } from './github-source.ts';
import { kepSource } from './kep-source.ts';
import type { ReadSource } from './source.ts';

/** What sources are read with. */
export interface SourceParts {
  readonly fetch: FetchDocument;
  readonly github: GitHubClient;
  readonly client: Client;
  readonly clock: Clock;
}

/** Reads Feeds of every type. */
export function readSource({ fetch, github, client, clock }: SourceParts): ReadSource {
  const ofFeed: ReadSource = (_, state, signal) => pollFeed(state, fetch, signal);
  const ofGitHub = githubSource(github, () => clock.now());
  const ofKeps = kepSource(client);
  return (feed, state, signal) => {
    const { type = 'Feed' } = feed.spec;
    const read = type === 'Feed' ? ofFeed : type === 'Keps' ? ofKeps : ofGitHub;
    return read(feed, state, signal);
  };
}
