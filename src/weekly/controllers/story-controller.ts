import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Clock, ObjectKey } from 'nekube/client';
import {
  type Condition,
  type Manager,
  type NewCondition,
  type ObjectContext,
  type ReconcileResult,
  setCondition,
} from 'nekube/controller';
import {
  type DuplicateReference,
  ISSUE,
  type IssueObject,
  STORY,
  type StoryObject,
  type StoryStatus,
  VOTE,
  WEEKLY_API,
} from '../resources/kinds.ts';
import { storyTranslations, translationsFresh } from '../newsroom/translations.ts';
import { storyName } from '../sources/proposals.ts';
import { storyTitle } from '../sources/story-title.ts';
import { canonicalUrl } from '../stories/canonical-url.ts';
import { indexKeys, sameness } from '../stories/same-story.ts';
import { subjectOf } from '../subjects/subject.ts';
import { type FollowUp, followUpOf, type SubjectState } from '../subjects/subject-state.ts';

/** How stories are kept up to date. */
export interface StoryControllerOptions {
  readonly clock: Clock;
  /** How far something is; undefined: nobody knows. Rejects if it could not be asked. Absent: subjects are not followed. */
  readonly subject?: (url: string, signal: AbortSignal) => Promise<SubjectState | undefined>;
  /** So often a subject is asked for; default 6 hours. */
  readonly checkMs?: number;
}

const CHECK_MS = 6 * 3_600_000;
const BY_STORY = 'story';
const BY_KEY = 'key';
const DUPLICATES_LIMIT = 32;

/**
 * Says of each Story what is known without its editors: its canonical address, its votes, which older stories tell the same, how far its subject
 * is. When the subject of a story that was published has moved on, it proposes another story about that.
 */
export function addStoryController(manager: Manager, options: StoryControllerOptions): void {
  manager.addIndex(VOTE, BY_STORY, ({ metadata, spec }) => [`${metadata.namespace}/${spec.storyRef.name}`]);
  manager.addIndex(STORY, BY_KEY, ({ metadata, spec }) => indexKeys(spec).map((key) => `${metadata.namespace}/${key}`));
  manager
    .controller('weekly-story', { maxConcurrentReconciles: 4 })
    .for(STORY)
    .watches(VOTE, ({ metadata, spec }) => [{ namespace: metadata.namespace!, name: spec.storyRef.name }])
    .reconcile((key, context) => reconcile(key, context, options));
}

async function reconcile(
  key: ObjectKey,
  context: ObjectContext<StoryObject>,
  options: StoryControllerOptions,
): Promise<ReconcileResult | undefined> {
  const story = context.object;
  if (story === undefined || story.metadata.deletionTimestamp !== undefined) return undefined;
  const { status = {}, spec, metadata } = story;
  const [votes, duplicateOf] = await Promise.all([votesFor(key, context), olderDuplicates(story, context)]);
  const followed = await followSubject(story, context, options);
  const unique: NewCondition =
    duplicateOf.length === 0
      ? { type: 'Unique', status: 'True', reason: 'NothingAlike', message: '' }
      : {
          type: 'Unique',
          status: 'False',
          reason: 'ToldAlready',
          message: `As ${duplicateOf.map(({ name }) => name).join(', ')}`,
        };
  const fresh = translationsFresh(spec.translations, storyTranslations(story));
  const canonicalURL = spec.url === undefined ? undefined : canonicalUrl(spec.url);
  await context.applyStatus({
    observedGeneration: metadata.generation!,
    ...(canonicalURL !== undefined && { canonicalURL }),
    ...votes,
    duplicateOf,
    ...followed.status,
    conditions: conditionsOf(withoutTranslations(status, fresh), metadata.generation, options.clock, [
      unique,
      ...followed.conditions,
      ...(fresh ? [fresh] : []),
    ]),
  });
  return followed.nextMs === undefined ? undefined : { requeueAfterMs: followed.nextMs };
}

/** A story that is not translated any more has no condition about it. */
function withoutTranslations(status: StoryStatus, fresh: NewCondition | undefined): StoryStatus {
  if (fresh !== undefined || status.conditions === undefined) return status;
  return { ...status, conditions: status.conditions.filter(({ type }) => type !== 'TranslationsFresh') };
}

async function votesFor(
  { namespace, name }: ObjectKey,
  { reader }: ObjectContext<StoryObject>,
): Promise<{ readonly votesFor: number; readonly votesAgainst: number }> {
  const votes = await reader.byIndex(VOTE, BY_STORY, `${namespace}/${name}`);
  const votesAgainst = votes.filter(({ spec }) => spec.value === 'Against').length;
  return { votesFor: votes.length - votesAgainst, votesAgainst };
}

/** Older stories that are the same, but for those that were declined, and the one that this follows up. */
async function olderDuplicates(
  story: StoryObject,
  { reader }: ObjectContext<StoryObject>,
): Promise<DuplicateReference[]> {
  const { namespace } = story.metadata;
  const alike = new Map<string, StoryObject>();
  for (const key of indexKeys(story.spec))
    for (const other of await reader.byIndex(STORY, BY_KEY, `${namespace}/${key}`))
      alike.set(other.metadata.name!, other);
  const found: DuplicateReference[] = [];
  for (const other of [...alike.values()]
    .filter((one) => isOlder(one, story))
    .sort((a, b) => (isOlder(a, b) ? -1 : 1))) {
    if (other.spec.state === 'Declined' || other.metadata.name === story.spec.followsRef?.name) continue;
    const same = sameness(other.spec, story.spec);
    if (same === undefined) continue;
    const issueNumber = await numberOf(other, reader);
    found.push({ name: other.metadata.name!, by: same.by, ...(issueNumber !== undefined && { issueNumber }) });
  }
  return found.slice(0, DUPLICATES_LIMIT);
}

function isOlder(a: StoryObject, b: StoryObject): boolean {
  const [one, other] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return one! < other!;
}

async function issueOf(
  { metadata, spec }: StoryObject,
  reader: ObjectContext<StoryObject>['reader'],
): Promise<IssueObject | undefined> {
  if (spec.issueRef === undefined) return undefined;
  return reader.get(ISSUE, { namespace: metadata.namespace!, name: spec.issueRef.name });
}

async function numberOf(story: StoryObject, reader: ObjectContext<StoryObject>['reader']): Promise<number | undefined> {
  return (await issueOf(story, reader))?.spec.number;
}

interface Followed {
  readonly status: Pick<StoryStatus, 'subject' | 'told' | 'checkedTime'>;
  readonly conditions: readonly NewCondition[];
  /** When its subject is asked for again; absent: it has none. */
  readonly nextMs?: number;
}

async function followSubject(
  story: StoryObject,
  context: ObjectContext<StoryObject>,
  options: StoryControllerOptions,
): Promise<Followed> {
  const { clock, subject: ask, checkMs = CHECK_MS } = options;
  const { spec, status = {} } = story;
  const { subject, told, checkedTime } = status;
  const before = {
    ...(subject && { subject }),
    ...(told && { told }),
    ...(checkedTime !== undefined && { checkedTime }),
  };
  if (ask === undefined || spec.url === undefined || subjectOf(spec.url) === undefined || spec.state === 'Declined')
    return { status: before, conditions: [] };
  const leftMs = checkedTime === undefined ? 0 : Date.parse(checkedTime) + checkMs - clock.now();
  const isPublished = (await issueOf(story, context.reader))?.status?.publishedTime !== undefined;
  // what readers were told is what was known last before
  const toldBefore = told ?? (isPublished ? subject : undefined);
  if (leftMs > 0)
    return {
      status: { ...before, ...(toldBefore && { told: toldBefore }) },
      conditions: [],
      nextMs: leftMs,
    };
  try {
    const now = await ask(spec.url, context.signal);
    const news = toldBefore && now && followUpOf(toldBefore, now);
    if (news) await proposeFollowUp(story, news, context);
    const known = now ?? subject;
    const toldNow = news ? now : (toldBefore ?? (isPublished ? known : undefined));
    return {
      status: {
        ...(known && { subject: known }),
        ...(toldNow && { told: toldNow }),
        checkedTime: formatTime(new Date(clock.now())),
      },
      conditions: [
        {
          type: 'SubjectKnown',
          status: known ? 'True' : 'False',
          reason: known ? known.state : 'NotFound',
          message: '',
        },
      ],
      nextMs: checkMs,
    };
  } catch (error) {
    context.signal.throwIfAborted();
    const { message, retryAt } = error as Error & { readonly retryAt?: Date };
    const waitMs = retryAt === undefined ? checkMs : Math.max(retryAt.getTime() - clock.now(), 60_000);
    const failed: NewCondition = { type: 'SubjectKnown', status: 'Unknown', reason: 'Unreachable', message };
    return { status: before, conditions: [failed], nextMs: Math.min(waitMs, checkMs) };
  }
}

/** Proposes to tell what became of a story. Its name says of what and why, so that it is proposed once. */
async function proposeFollowUp(
  { metadata, spec }: StoryObject,
  news: FollowUp,
  context: ObjectContext<StoryObject>,
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
    context.record({ reason: 'FollowUp', note: news.text });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

function conditionsOf(
  { conditions = [] }: StoryStatus,
  observedGeneration: number | undefined,
  clock: Clock,
  set: readonly NewCondition[],
): Condition[] {
  return [
    ...set.reduce<readonly Condition[]>(
      (all, one) => setCondition(all, { ...one, observedGeneration }, clock),
      conditions,
    ),
  ];
}
