import type { GitHubRecord } from '../github/record.ts';
import type { SourceItem } from './proposals.ts';

/**
 * What of a repository is worth telling: releases but drafts, pull requests that were merged, issues that were opened. A pull request is
 * told when it is merged, not when it is opened: a team adds by hand what it is waiting for.
 */
export function itemsOfGitHub(records: readonly GitHubRecord[]): readonly SourceItem[] {
  return records.filter(isWorthTelling).map(({ kind, repository, tag, title, url, since, created }) => {
    const name = kind === 'Release' && title.startsWith(tag!) ? `${repository.split('/')[1]} ${title}` : title;
    const published = kind === 'Issue' ? created : since;
    return { id: url, title: name, url, ...(published !== undefined && { published }) };
  });
}

function isWorthTelling({ kind, state }: GitHubRecord): boolean {
  if (kind === 'Release') return state === 'Published';
  return kind === 'PullRequest' ? state === 'Merged' : true;
}
