import type { IssueObject, StoryObject } from '../resources/kinds.ts';
import { type Judged, type Rank, rankOf, Taste } from '../stories/ranking.ts';

/** A story on the way to an issue, with why it stands where it does. */
export interface RankedStory {
  readonly story: StoryObject;
  readonly rank: Rank;
}

/** What feeds are thought of, by their names, in percent. */
export type FeedWeights = ReadonlyMap<string, number>;

/**
 * Stories that may be told next, the best first: those that are proposed and tell nothing that was told, ranked by votes, source, age and what
 * became of stories like them.
 */
export function rankStories(stories: readonly StoryObject[], weights: FeedWeights, now: Date): readonly RankedStory[] {
  const taste = new Taste(stories.flatMap((story) => judgedOf(story, now)));
  return stories
    .filter(({ spec, status }) => (spec.state ?? 'Proposed') === 'Proposed' && (status?.duplicateOf ?? []).length === 0)
    .map((story) => ({ story, rank: rankOf(candidateOf(story, weights, now), taste, now) }))
    .sort((a, b) => b.rank.score - a.rank.score || (a.story.metadata.name! < b.story.metadata.name! ? -1 : 1));
}

/** What was proposed so long ago, and never taken, was passed over: few teams decline what they do not tell. */
const PASSED_OVER_MS = 28 * 86_400_000;

function judgedOf({ metadata, spec }: StoryObject, now: Date): readonly Judged[] {
  const isPublished = spec.state === 'Accepted';
  const ageMs = now.getTime() - Date.parse(metadata.creationTimestamp ?? now.toISOString());
  if (!isPublished && spec.state !== 'Declined' && ageMs < PASSED_OVER_MS) return [];
  const source = spec.feedRef?.name;
  return [{ title: spec.title, url: spec.url ?? '', isPublished, ...(source !== undefined && { source }) }];
}

function candidateOf(
  { metadata, spec, status }: StoryObject,
  weights: FeedWeights,
  now: Date,
): Parameters<typeof rankOf>[0] {
  const source = spec.feedRef?.name;
  const weight = source === undefined ? undefined : weights.get(source);
  return {
    title: spec.title,
    url: spec.url ?? '',
    votesFor: status?.votesFor ?? 0,
    votesAgainst: status?.votesAgainst ?? 0,
    // the format date-time takes any zone, as of 99 hours
    time: [spec.publishedTime, metadata.creationTimestamp].map(timeOf).find((time) => time !== undefined) ?? now,
    ...(source !== undefined && { source }),
    ...(weight !== undefined && { sourceWeight: weight / 100 }),
  };
}

function timeOf(text: string | null | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A point of the meeting. */
export interface AgendaItem {
  readonly story: StoryObject;
  /** The section's title; empty for a story of none. */
  readonly section: string;
  /** Minutes after the meeting begins. */
  readonly atMinute: number;
  /** Absent: nobody has it yet. */
  readonly presenter?: string;
}

const MINUTES_PER_STORY = 5;

/** What is presented in the session of an issue, in the order in which readers will see it. */
export function agendaOf(issue: IssueObject, stories: readonly StoryObject[]): readonly AgendaItem[] {
  const { sections = [], session } = issue.spec;
  const minutes = session?.minutesPerStory ?? MINUTES_PER_STORY;
  const own = stories.filter(({ spec }) => spec.issueRef?.name === issue.metadata.name && spec.state === 'Accepted');
  const first = sections[0]?.id;
  const places = new Map(sections.map(({ id }, i) => [id, i]));
  const placeOf = ({ spec }: StoryObject): number => places.get(spec.section ?? first ?? '') ?? sections.length;
  return own
    .sort((a, b) => placeOf(a) - placeOf(b) || inOrder(a, b))
    .map((story, i) => ({
      story,
      section: sections[placeOf(story)]?.title ?? '',
      atMinute: i * minutes,
      ...(story.spec.presenter !== undefined && { presenter: story.spec.presenter }),
    }));
}

/** The order of the stories of a section: by `order`, then by votes. */
export function inOrder(a: StoryObject, b: StoryObject): number {
  const [one, other] = [a, b].map(({ spec, status }) => ({
    order: spec.order ?? Number.MAX_SAFE_INTEGER,
    votes: (status?.votesFor ?? 0) - (status?.votesAgainst ?? 0),
  }));
  return one!.order - other!.order || other!.votes - one!.votes || (a.metadata.name! < b.metadata.name! ? -1 : 1);
}
