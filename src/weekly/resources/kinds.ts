import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Condition } from 'nekube/controller';
import type { Block, IssueType, Section } from '../issue/model.ts';
import type { PlacedTranslation } from '../issue/translate.ts';
import type { SubjectState } from '../subjects/subject-state.ts';

/** The group and version of the newsroom. */
export const WEEKLY_API = 'weekly.nekube.dev/v1alpha1';

/** The shape of a tag of a language (BCP 47). */
export const LANGUAGE_TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

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
  /** Of what was read last. */
  readonly bodyHash?: string;
  /** What it asks for. */
  readonly hints?: { intervalSeconds?: number; skipHours?: number[]; skipDays?: number[] };
  readonly lastPollTime?: string;
  readonly nextPollTime?: string;
  /** When it was read last, or had not changed. */
  readonly lastSuccessTime?: string;
  /** How often in a row it failed. */
  readonly failures?: number;
  /** Items that it has now. */
  readonly items?: number;
  /** Stories that were proposed of it. */
  readonly proposed?: number;
  /** Items of the last round that the server did not take as stories. */
  readonly refused?: number;
  /** Ids of items that were seen, as hashes; not proposed again. */
  readonly seen?: string[];
  readonly conditions?: Condition[];
}

/** A source of stories. */
export interface FeedObject extends KubeObject {
  spec: FeedSpec;
  status?: FeedStatus;
}

/** How far a story is: somebody thinks it worth telling, it is for the next issue, or it is not. */
export const STORY_STATES = ['Proposed', 'Accepted', 'Declined'] as const;
/** One of `STORY_STATES`. */
export type StoryState = (typeof STORY_STATES)[number];

/** A story as its editors have it. */
export interface StorySpec {
  /** Inline Markdown. */
  readonly title: string;
  /** Of its title and blocks: `title`, `blocks/ID`. */
  readonly translations?: readonly PlacedTranslation[];
  /** The page that it is about; absent where nobody knows, as in an issue that was copied from a page. */
  readonly url?: string;
  readonly blocks?: readonly Block[];
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
  readonly duplicateOf?: DuplicateReference[];
  /** How far the pull request, issue or release is. */
  readonly subject?: SubjectState;
  /** How far it was when readers were told. */
  readonly told?: SubjectState;
  /** When the subject was asked for last. */
  readonly checkedTime?: string;
  readonly conditions?: Condition[];
}

/** A story that was there before. */
export interface DuplicateReference extends Reference {
  readonly by: 'URL' | 'Title';
  /** The number of the issue that told it; absent: it is of the draft. */
  readonly issueNumber?: number;
}

/** A story, from the first proposal to what is told years after. */
export interface StoryObject extends KubeObject {
  spec: StorySpec;
  status?: StoryStatus;
}

/** What somebody thinks of a Story. The story and the voter never change. */
export interface VoteSpec {
  readonly storyRef: Reference;
  /** The name of an editor. */
  readonly voter: string;
  /** Whose name that is on the server; absent in votes on behalf of others, and from before votes said it. */
  readonly user?: string;
  readonly value: 'For' | 'Against';
  readonly comment?: string;
}

/** The vote of one person on one Story; its name is `STORY.VOTER`, so there is one each. */
export interface VoteObject extends KubeObject {
  spec: VoteSpec;
}

/** An issue as its editors have it, but for its stories, which say themselves which issue tells them. */
export interface IssueSpec {
  readonly number: number;
  /** YYYY-MM-DD. */
  readonly date?: string;
  /** The language that it is written in (BCP 47). */
  readonly language?: string;
  readonly title: string;
  /** Of all texts but those of stories: `title`, `introduction/ID`, `sections/ID/title`, `afterword/blocks/ID`. */
  readonly translations?: readonly PlacedTranslation[];
  readonly slug?: string;
  readonly emoji?: string;
  readonly type?: IssueType;
  readonly topics?: readonly string[];
  readonly introduction?: readonly Block[];
  readonly sections?: readonly Omit<Section, 'stories'>[];
  readonly afterword?: {
    readonly title: string;
    readonly blocks?: readonly Block[];
  };
  /** Fields of the front matter that mean nothing here, as YAML. */
  readonly frontMatter?: string;
  readonly session?: SessionSpec;
}

/** The meeting in which the stories of an issue are presented. */
export interface SessionSpec {
  /** RFC 3339. */
  readonly time?: string;
  readonly attendees?: readonly string[];
  /** Minutes for a story; default 5. */
  readonly minutesPerStory?: number;
  readonly notes?: string;
}

/** What is known of an Issue without its editors. */
export interface IssueStatus {
  readonly observedGeneration?: number;
  readonly stories?: number;
  /** What has to be mended before it can be published. */
  readonly problems?: string[];
  readonly publishedTime?: string;
  readonly conditions?: Condition[];
}

/** An issue of the digest. */
export interface IssueObject extends KubeObject {
  spec: IssueSpec;
  status?: IssueStatus;
}

/** In what form an issue is published. */
export const PUBLICATION_FORMATS = ['Zenn', 'Markdown', 'HTML', 'Email', 'JSON'] as const;
/** One of `PUBLICATION_FORMATS`. */
export type PublicationFormat = (typeof PUBLICATION_FORMATS)[number];

/** Where to an Issue is published. */
export interface PublicationSpec {
  readonly issueRef: Reference;
  readonly format?: PublicationFormat;
  /** Absent: that which the issue is written in. */
  readonly language?: string;
  /** The name of a place that whoever runs the newsroom has given it; a Publication cannot name a folder. */
  readonly target: string;
  /** False, the default: readers of the place do not see it yet (Zenn's `published: false`). */
  readonly published?: boolean;
  /** When readers see it first. */
  readonly publishedTime?: string;
}

/** What became of a Publication. */
export interface PublicationStatus {
  readonly observedGeneration?: number;
  /** Of the file, below its place. */
  readonly path?: string;
  /** Of what was written; published again, nothing is written. */
  readonly contentHash?: string;
  /** The commit, where the place is a repository. */
  readonly commit?: string;
  readonly publishedTime?: string;
  readonly conditions?: Condition[];
}

/** An Issue in one form in one place. */
export interface PublicationObject extends KubeObject {
  spec: PublicationSpec;
  status?: PublicationStatus;
}

/** The kind of a Feed, for a client. */
export const FEED: Kind<FeedObject> = { apiVersion: WEEKLY_API, kind: 'Feed' };
/** The kind of a Story. */
export const STORY: Kind<StoryObject> = { apiVersion: WEEKLY_API, kind: 'Story' };
/** The kind of a Vote. */
export const VOTE: Kind<VoteObject> = { apiVersion: WEEKLY_API, kind: 'Vote' };
/** The kind of an Issue. */
export const ISSUE: Kind<IssueObject> = { apiVersion: WEEKLY_API, kind: 'Issue' };
/** The kind of a Publication. */
export const PUBLICATION: Kind<PublicationObject> = { apiVersion: WEEKLY_API, kind: 'Publication' };
