import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Clock } from 'nekube/client';
import type { NewCondition, ObjectContext } from 'nekube/controller';
import { type StoryObject, type StoryStatus, WEEKLY_API } from '../resources/kinds.ts';
import { storyName } from '../sources/proposals.ts';
import { storyTitle } from '../sources/story-title.ts';
import { subjectOf } from '../subjects/subject.ts';
import { type FollowUp, followUpOf, type SubjectState } from '../subjects/subject-state.ts';
import { issueOfStory } from './by-issue.ts';
import { type NewsOptions, tellNews } from './news.ts';

/** How subjects of stories are followed. */
export interface SubjectOptions extends NewsOptions {
  /** How far something is; undefined: nobody knows. Rejects if it could not be asked. Absent: subjects are not followed. */
  readonly subject?: (url: string, signal: AbortSignal) => Promise<SubjectState | undefined>;
  /** So often a subject is asked for; default 6 hours. */
  readonly checkMs?: number;
}

const CHECK_MS = 6 * 3_600_000;
/** Whoever asks to be left alone is left alone for this at least. */
const MIN_RETRY_MS = 60_000;

type SubjectStatus = Pick<StoryStatus, 'subject' | 'told' | 'checkedTime'>;

/** What following the subject of a story came to. */
export interface Followed {
  readonly status: SubjectStatus;
  readonly conditions: readonly NewCondition[];
  /** When its subject is asked for again; absent: it has none. */
  readonly nextMs?: number;
}

/** Asks how far the subject of a story is, when that is due. What moved on since readers were told is proposed as a story. */
export async function followSubject(
  story: StoryObject,
  context: ObjectContext<StoryObject>,
  options: SubjectOptions & { readonly clock: Clock },
): Promise<Followed> {
  const { clock, subject: ask, checkMs = CHECK_MS } = options;
  const { spec, status = {} } = story;
  const { subject, told, checkedTime } = status;
  const { url } = spec;
  const before = statusOf(subject, told, checkedTime);
  if (ask === undefined || url === undefined || subjectOf(url) === undefined || spec.state === 'Declined')
    return { status: before, conditions: [] };
  const leftMs = checkedTime === undefined ? 0 : Date.parse(checkedTime) + checkMs - clock.now();
  const isPublished = (await issueOfStory(story, context.reader))?.status?.publishedTime !== undefined;
  // what readers were told is what was known last before
  const toldBefore = told ?? (isPublished ? subject : undefined);
  if (leftMs > 0) return { status: statusOf(subject, toldBefore, checkedTime), conditions: [], nextMs: leftMs };
  try {
    const now = await ask(url, context.signal);
    const news = toldBefore && now && followUpOf(toldBefore, now);
    if (news) await proposeFollowUp(story, news, context, options);
    const known = now ?? subject;
    const toldNow = news ? now : (toldBefore ?? (isPublished ? known : undefined));
    const condition = { status: known ? 'True' : 'False', reason: known?.state ?? 'NotFound', message: '' } as const;
    return {
      status: statusOf(known, toldNow, formatTime(new Date(clock.now()))),
      conditions: [{ type: 'SubjectKnown', ...condition }],
      nextMs: checkMs,
    };
  } catch (error) {
    context.signal.throwIfAborted();
    const { message, retryAt } = error as Error & { readonly retryAt?: Date };
    const waitMs = retryAt === undefined ? checkMs : Math.max(retryAt.getTime() - clock.now(), MIN_RETRY_MS);
    if (status.conditions?.find(({ type }) => type === 'SubjectKnown')?.message !== message)
      tellNews(context, options, {
        type: 'Warning',
        reason: 'Unreachable',
        action: 'Follow',
        note: `${url}: ${message}`,
      });
    const failed: NewCondition = { type: 'SubjectKnown', status: 'Unknown', reason: 'Unreachable', message };
    return { status: before, conditions: [failed], nextMs: Math.min(waitMs, checkMs) };
  }
}

function statusOf(
  subject: SubjectStatus['subject'],
  told: SubjectStatus['told'],
  checkedTime: string | undefined,
): SubjectStatus {
  return {
    ...(subject && { subject }),
    ...(told && { told }),
    ...(checkedTime !== undefined && { checkedTime }),
  };
}

/** Proposes to tell what became of a story. Its name says of what and why, so that it is proposed once. */
async function proposeFollowUp(
  { metadata, spec }: StoryObject,
  news: FollowUp,
  context: ObjectContext<StoryObject>,
  options: NewsOptions,
): Promise<void> {
  const name = `${storyName(news.url)}-${news.reason.toLowerCase()}`;
  const story: StoryObject = {
    apiVersion: WEEKLY_API,
    kind: 'Story',
    metadata: { name, namespace: metadata.namespace! },
    spec: {
      title: storyTitle(news.title) || news.url,
      url: news.url,
      notes: news.text,
      followsRef: { name: metadata.name! },
      ...(spec.section !== undefined && { section: spec.section }),
    },
  };
  try {
    await context.client.create<StoryObject>(story, { signal: context.signal });
    tellNews(context, options, { reason: 'FollowUp', note: news.text });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
