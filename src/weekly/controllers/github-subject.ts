import { type GitHubClient, GitHubError } from '../github/client.ts';
import type { GitHubRecord } from '../github/record.ts';
import { subjectOf } from '../subjects/subject.ts';
import { type SubjectState, successorAmong } from '../subjects/subject-state.ts';

/** So many subjects are remembered, those that were asked for last: what has not changed costs nothing of GitHub's limit. */
const REMEMBERED = 2000;

/**
 * Says how far the pull request or issue at an address is, and of one that was closed what went on with it. Undefined: it is none of those, or
 * is not there for whoever asks.
 */
export function githubSubject(
  github: GitHubClient,
): (url: string, signal?: AbortSignal) => Promise<SubjectState | undefined> {
  const remembered = new Map<string, { readonly etag: string; readonly state: SubjectState }>();
  const remember = (key: string, etag: string, state: SubjectState): void => {
    remembered.delete(key);
    remembered.set(key, { etag, state });
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED) remembered.delete(oldest!);
  };
  return async (address, signal) => {
    const subject = subjectOf(address);
    if (subject?.kind !== 'PullRequest' && subject?.kind !== 'Issue') return undefined;
    const { kind, repository, number } = subject;
    const key = `${kind} ${repository}#${number}`;
    const before = remembered.get(key);
    try {
      const { value, etag } = await github.numbered(kind, repository, number, { etag: before?.etag, signal });
      const state = value ? stateOf(value) : before?.state;
      if (state === undefined) return undefined;
      if (etag !== undefined) remember(key, etag, state);
      if (state.state !== 'Closed' || kind !== 'PullRequest') return state;
      const mentions = await github.mentions(repository, number, { signal });
      const successor = successorAmong({ repository, number, title: state.title }, mentions);
      return { ...state, ...(successor && { successor }) };
    } catch (error) {
      if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return undefined;
      throw error;
    }
  };
}

function stateOf({ state, title, url, since }: GitHubRecord): SubjectState {
  return { state, title, url, ...(since !== undefined && { since }) };
}
