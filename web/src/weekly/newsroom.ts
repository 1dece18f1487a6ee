import { useMemo } from 'preact/hooks';
import type { FeedObject, IssueObject, StoryObject, VoteObject } from 'nekube/weekly';
import { useLeave } from '../ui/leave.ts';
import { LiveList } from './live-list.ts';

/** The newsroom of a namespace, live. */
export interface Newsroom {
  readonly namespace: string;
  readonly stories: LiveList<StoryObject>;
  readonly issues: LiveList<IssueObject>;
  readonly feeds: LiveList<FeedObject>;
  readonly votes: LiveList<VoteObject>;
}

/** The kind that a server with newsrooms serves. */
export const STORIES = { group: 'weekly.nekube.dev', version: 'v1alpha1', resource: 'stories' } as const;

const API = `/apis/${STORIES.group}/${STORIES.version}`;

/** The newsroom while the component is there; at a revision, if one is shown. */
export function useNewsroom(namespace: string, revision: string | undefined): Newsroom {
  const newsroom = useMemo(() => open(namespace, revision), [namespace, revision]);
  useLeave(
    () => [newsroom.stories, newsroom.issues, newsroom.feeds, newsroom.votes].forEach((list) => list.stop()),
    [newsroom],
  );
  return newsroom;
}

function open(namespace: string, revision: string | undefined): Newsroom {
  const at = (resource: string): string => `${API}/namespaces/${namespace}/${resource}`;
  return {
    namespace,
    stories: new LiveList<StoryObject>(at(STORIES.resource), revision),
    issues: new LiveList<IssueObject>(at('issues'), revision),
    feeds: new LiveList<FeedObject>(at('feeds'), revision),
    votes: new LiveList<VoteObject>(at('votes'), revision),
  };
}
