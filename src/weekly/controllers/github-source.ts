import type { GitHubClient } from '../github/client.ts';
import { GitHubError } from '../github/client.ts';
import type { FeedType } from '../resources/kinds.ts';
import { itemsOfGitHub } from '../sources/github-items.ts';
import type { ReadSource } from './source.ts';

/** What of a repository each type of Feed is about. */
const PARTS = { GitHubReleases: 'releases', GitHubPullRequests: 'pulls', GitHubIssues: 'issues' } as const;

/** Whether a Feed is about a repository of GitHub. */
export function isOfGitHub(type: FeedType | undefined): type is keyof typeof PARTS {
  return type !== undefined && type in PARTS;
}

/** Reads Feeds that are about repositories of GitHub. */
export function githubSource(github: GitHubClient): ReadSource {
  return async ({ spec: { type, repository = '' }, status = {} }) => {
    const remembered = { title: `${repository} on GitHub`, ...(status.etag !== undefined && { etag: status.etag }) };
    try {
      const { value, etag } = await github.newest(PARTS[type as keyof typeof PARTS], repository, status.etag);
      const items = value && itemsOfGitHub(value);
      return { ...(items && { items }), remembered: { ...remembered, ...(etag !== undefined && { etag }) } };
    } catch (error) {
      const {
        status: code,
        retryAt,
        message,
      } = error instanceof GitHubError ? error : ({ message: String(error) } as GitHubError);
      const reason = code === 404 ? 'NotFound' : code === 429 || retryAt !== undefined ? 'RateLimited' : 'Unreachable';
      return { remembered, failure: { reason, message }, ...(retryAt !== undefined && { nextPoll: retryAt }) };
    }
  };
}
