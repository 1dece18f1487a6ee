import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Condition } from 'nekube/controller';
import type { SubjectState } from '../subjects/subject-state.ts';

/** The group and version of the newsroom. */
export const WEEKLY_API = 'weekly.nekube.dev/v1alpha1';

/** The name of another object in the same namespace. */
export interface Reference {
  readonly name: string;
}

/** What feeds can be: a feed, or what goes on in a repository of GitHub, or the KEPs of this server. */
export const FEED_TYPES = ['Feed', 'GitHubReleases', 'GitHubPullRequests', 'GitHubIssues', 'Keps'] as const;
/** One of `FEED_TYPES`. */
export type FeedType = (typeof FEED_TYPES)[number];

/** Where stories come from. */
export interface FeedSpec {
  readonly type?: FeedType;
  /** Of a Feed. */
  readonly url?: string;
  /** `OWNER/NAME` on GitHub, of the types that are about one. */
  readonly repository?: string;
  /** How often it is looked at, at most. */
  readonly intervalSeconds?: number;
  /** How much is thought of it: 100 as of others. */
  readonly weightPercent?: number;
  /** The section that its stories are proposed for. */
  readonly section?: string;
  /** Words of which a story must have one in its title; absent: all are taken. */
  readonly include?: readonly string[];
  /** Words that a story must not have in its title. */
  readonly exclude?: readonly string[];
  readonly suspend?: boolean;
}

/** What became of a Feed. What is needed to ask again and for the same only once stands in it. */
export interface FeedStatus {
  readonly observedGeneration?: number;
  readonly title?: string;
  /** Where it has moved to, for good. */
  readonly url?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly lastPollTime?: string;
  readonly nextPollTime?: string;
  /** How often in a row it failed. */
  readonly failures?: number;
  /** Items that it has now. */
  readonly items?: number;
  /** Stories that were proposed of it. */
  readonly proposed?: number;
  /** Ids of items that were seen, as hashes; not proposed again. */
  readonly seen?: readonly string[];
  readonly conditions?: readonly Condition[];
}

/** A source of stories. */
export interface Feed extends KubeObject {
  spec: FeedSpec;
  status?: FeedStatus;
}

/** How far a story is: somebody thinks it worth telling, it is for the next issue, or it is not. */
export const STORY_STATES = ['Proposed', 'Accepted', 'Declined'] as const;
/** One of `STORY_STATES`. */
export type StoryState = (typeof STORY_STATES)[number];

/** What a story is about, as its editors say; the text itself stands in blocks. */
export interface StorySpec {
  readonly title: string;
  readonly url: string;
  readonly state?: StoryState;
  /** When what it is about was published (RFC 3339). */
  readonly publishedTime?: string;
  readonly feedRef?: Reference;
  /** Which Issue tells it. */
  readonly issueRef?: Reference;
  /** The name of a section of that Issue. */
  readonly section?: string;
  /** Place in its section: lower is earlier; absent: by rank. */
  readonly order?: number;
  /** Who added it; absent: a feed did. */
  readonly proposedBy?: string;
  /** Who presents it in the session. */
  readonly presenter?: string;
  /** What was said in the session; not published. */
  readonly notes?: string;
  /** The Story that it follows up. */
  readonly followsRef?: Reference;
}

/** What is known of a Story without its editors. */
export interface StoryStatus {
  readonly observedGeneration?: number;
  readonly canonicalURL?: string;
  readonly votesFor?: number;
  readonly votesAgainst?: number;
  /** Stories that tell the same, of this draft and of past issues. */
  readonly duplicateOf?: readonly DuplicateReference[];
  /** How far the pull request, issue or release is. */
  readonly subject?: SubjectState;
  /** How far it was when readers were told. */
  readonly told?: SubjectState;
  /** When the subject was asked for last. */
  readonly checkedTime?: string;
  readonly conditions?: readonly Condition[];
}

/** A story that was there before. */
export interface DuplicateReference extends Reference {
  readonly by: 'URL' | 'Title';
  /** The number of the issue that told it; absent: it is of the draft. */
  readonly issueNumber?: number;
}

/** A story, from the first proposal to what is told years after. */
export interface Story extends KubeObject {
  spec: StorySpec;
  status?: StoryStatus;
}

/** What somebody thinks of a Story. The story and the voter never change. */
export interface VoteSpec {
  readonly storyRef: Reference;
  readonly voter: string;
  readonly value: 'For' | 'Against';
  readonly comment?: string;
}

/** The vote of one person on one Story; its name is `STORY.VOTER`, so there is one each. */
export interface Vote extends KubeObject {
  spec: VoteSpec;
}

/** Kinds of the newsroom, for a client. */
export const Feed: Kind<Feed> = { apiVersion: WEEKLY_API, kind: 'Feed' };
/** See `Feed`. */
export const Story: Kind<Story> = { apiVersion: WEEKLY_API, kind: 'Story' };
/** See `Feed`. */
export const Vote: Kind<Vote> = { apiVersion: WEEKLY_API, kind: 'Vote' };
