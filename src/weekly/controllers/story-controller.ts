import type { Clock, ObjectKey } from 'nekube/client';
import {
  type Condition,
  type Manager,
  type NewCondition,
  type ObjectContext,
  type ReconcileResult,
  setCondition,
} from 'nekube/controller';
import { type DuplicateReference, STORY, type StoryObject, type StoryStatus, VOTE } from '../resources/kinds.ts';
import { storyTranslations, translationsFresh } from '../newsroom/translations.ts';
import { canonicalUrl } from '../stories/canonical-url.ts';
import { indexKeys, sameness } from '../stories/same-story.ts';
import { issueOfStory } from './by-issue.ts';
import { followSubject, type SubjectOptions } from './follow-subject.ts';

/** How stories are kept up to date. */
export interface StoryControllerOptions extends SubjectOptions {
  readonly clock: Clock;
}

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
    const issueNumber = (await issueOfStory(other, reader))?.spec.number;
    found.push({ name: other.metadata.name!, by: same.by, ...(issueNumber !== undefined && { issueNumber }) });
  }
  return found.slice(0, DUPLICATES_LIMIT);
}

function isOlder(a: StoryObject, b: StoryObject): boolean {
  const [one, other] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return one! < other!;
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
