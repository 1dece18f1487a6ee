import { type GitHubClient, GitHubError } from '../github/client.ts';
import { itemsOfGitHub } from '../sources/github-items.ts';
import { asFeed, type ReadSource } from './source.ts';

/** What of a repository each type of Feed is about. */
const PARTS = { GitHubReleases: 'releases', GitHubPullRequests: 'pulls', GitHubIssues: 'issues' } as const;

/** Reads Feeds that are about repositories of GitHub. `now` is the time in milliseconds. */
export function githubSource(github: GitHubClient, now: () => number): ReadSource {
  return async ({ spec: { type, repository = '' } }, state, signal) => {
    try {
      const part = PARTS[type as keyof typeof PARTS];
      const { value, etag } = await github.newest(part, repository, { etag: state.etag, signal });
      const had = { permanentUrl: '', ...(etag !== undefined && { etag }) };
      if (value === undefined) return { ...had, kind: 'unchanged' };
      const feed = asFeed(`${repository} on GitHub: ${part}`, itemsOfGitHub(value));
      return { ...had, kind: 'read', feed, bodyHash: '' };
    } catch (error) {
      signal.throwIfAborted();
      const { message } = error as Error;
      if (!(error instanceof GitHubError)) return { kind: 'failed', reason: 'ConnectionFailed', message };
      const retryAfterSeconds = error.retryAt && Math.ceil((error.retryAt.getTime() - now()) / 1000);
      const reason = retryAfterSeconds === undefined ? 'HTTPError' : 'TooManyRequests';
      return { kind: 'failed', reason, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    }
  };
}
