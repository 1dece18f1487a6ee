import { type GitHubClient, GitHubError } from '../github/client.ts';
import { subjectOf } from '../subjects/subject.ts';
import { type SubjectState, successorAmong } from '../subjects/subject-state.ts';

/**
 * Says how far the pull request or issue at an address is, and of one that was closed what went on with it. Undefined: it is none of those, or
 * is not there for whoever asks.
 */
export function githubSubject(github: GitHubClient): (url: string) => Promise<SubjectState | undefined> {
  return async (address) => {
    const subject = subjectOf(address);
    if (subject?.kind !== 'PullRequest' && subject?.kind !== 'Issue') return undefined;
    const { kind, repository, number } = subject;
    try {
      const { value } = await github.numbered(kind, repository, number);
      if (value === undefined) return undefined;
      const { state, title, url, since } = value;
      const found = { state, title, url, ...(since !== undefined && { since }) };
      if (state !== 'Closed' || kind !== 'PullRequest') return found;
      const successor = successorAmong({ repository, number, title }, await github.mentions(repository, number));
      return { ...found, ...(successor && { successor }) };
    } catch (error) {
      if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return undefined;
      throw error;
    }
  };
}
