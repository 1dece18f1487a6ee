import type { Clock, ObjectKey } from 'nekube/client';
import { type Condition, type Manager, type NewCondition, type ObjectContext, setCondition } from 'nekube/controller';
import { composeIssue } from '../newsroom/compose.ts';
import { issueTranslations, translationsFresh } from '../newsroom/translations.ts';
import { baseSlug } from '../publish/slug.ts';
import { checkZenn } from '../render/zenn-rules.ts';
import { ISSUE, type IssueObject, PUBLICATION, STORY } from '../resources/kinds.ts';
import { indexByIssue, issueOf, partsOf } from './by-issue.ts';

/**
 * Says of each Issue how many stories it tells, what has to be mended before it is fit for Zenn, and when it was published: the first time
 * that one of its Publications was.
 */
export function addIssueController(manager: Manager, { clock }: { readonly clock: Clock }): void {
  indexByIssue(manager);
  manager
    .controller('weekly-issue')
    .for(ISSUE)
    .watches(STORY, issueOf)
    .watches(PUBLICATION, issueOf)
    .reconcile((key, context) => reconcile(key, context, clock));
}

async function reconcile(key: ObjectKey, context: ObjectContext<IssueObject>, clock: Clock): Promise<undefined> {
  const { object: issue } = context;
  if (issue === undefined || issue.metadata.deletionTimestamp !== undefined) return undefined;
  const { stories, publications } = await partsOf(key, context.reader);
  const { document, leftOut } = composeIssue(issue, stories);
  const broken = checkZenn({ ...document, slug: baseSlug(document) }, new Date(clock.now()));
  const problems = [...leftOut, ...broken.map(({ place, message }) => `${place}: ${message}`)];
  const ready: NewCondition =
    problems.length === 0
      ? { type: 'Ready', status: 'True', reason: 'NothingToMend', message: '' }
      : { type: 'Ready', status: 'False', reason: 'ToBeMended', message: problems.join('; ').slice(0, 2048) };
  const [publishedTime] = publications.flatMap(({ status }) => status?.publishedTime ?? []).sort();
  const observedGeneration = issue.metadata.generation!;
  const fresh = translationsFresh(issue.spec.translations, issueTranslations(issue));
  // an issue that is not translated any more has no condition about it
  const before = issue.status?.conditions?.filter(({ type }) => fresh !== undefined || type !== 'TranslationsFresh');
  const conditions = [ready, ...(fresh ? [fresh] : [])].reduce<readonly Condition[]>(
    (all, one) => setCondition(all, { ...one, observedGeneration }, clock),
    before ?? [],
  );
  await context.applyStatus({
    observedGeneration,
    stories: document.sections.reduce((sum, section) => sum + section.stories.length, 0),
    problems: problems.slice(0, 256),
    ...(publishedTime !== undefined && { publishedTime }),
    conditions: [...conditions],
  });
  return undefined;
}
