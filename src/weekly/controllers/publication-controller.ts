import { formatTime } from 'nekube/apimachinery';
import type { Clock, ObjectKey } from 'nekube/client';
import {
  type Manager,
  type NewCondition,
  type ObjectContext,
  type ReconcileResult,
  setCondition,
} from 'nekube/controller';
import { present } from '../feeds/texts.ts';
import type { IssueDocument } from '../issue/model.ts';
import { publishedAtOf, scheduledFor } from '../issue/publication-time.ts';
import { composeIssue } from '../newsroom/compose.ts';
import { EditedFileError, type Published, publishIssue } from '../publish/publish.ts';
import { baseSlug } from '../publish/slug.ts';
import type { IssueFormat } from '../render/render-issue.ts';
import { checkZenn } from '../render/zenn-rules.ts';
import { ISSUE, PUBLICATION, type PublicationObject, type PublicationSpec, STORY } from '../resources/kinds.ts';
import { partsOf } from './by-issue.ts';
import { type NewsOptions, tellNews } from './news.ts';

/** A place to publish to. Only whoever runs the newsroom says where it is. */
export interface PublicationTarget {
  readonly folder: string;
  /** What is published is committed; the folder is one of a git repository. */
  readonly commit?: boolean;
  /** The name of a remote to which commits are brought. */
  readonly push?: string;
}

/** How issues are published. */
export interface PublicationControllerOptions extends NewsOptions {
  readonly clock: Clock;
  readonly targets: ReadonlyMap<string, PublicationTarget>;
}

/** After a failure that may go away by itself: a disk that is full, a remote that is away. */
const RETRY_MS = 60_000;
/** A day: the clock may be set meanwhile, and timers hold no more than 24 days. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Keeps what is published of an Issue as the Issue is, from the first time on; needs the index of `addIssueController`. A file that somebody
 * edited where it was published is left alone, and said. Of two that would be the same file the older one is.
 */
export function addPublicationController(manager: Manager, options: PublicationControllerOptions): void {
  const ofIssue = async (namespace: string | undefined, name: string): Promise<readonly ObjectKey[]> => {
    const { publications } = await partsOf({ namespace: namespace!, name }, manager.reader);
    return publications.map(({ metadata }) => ({ namespace: metadata.namespace!, name: metadata.name! }));
  };
  manager
    .controller('weekly-publication')
    .for(PUBLICATION)
    .watches(ISSUE, ({ metadata }) => ofIssue(metadata.namespace, metadata.name!))
    .watches(STORY, async ({ metadata, spec }) =>
      spec.issueRef ? ofIssue(metadata.namespace, spec.issueRef.name) : [],
    )
    // what was first in a file may be gone
    .watches(PUBLICATION, ({ metadata, spec }) => ofIssue(metadata.namespace, spec.issueRef.name))
    .reconcile((_, context) => reconcile(context, options));
}

async function reconcile(
  context: ObjectContext<PublicationObject>,
  options: PublicationControllerOptions,
): Promise<ReconcileResult | undefined> {
  const { object: publication, reader } = context;
  if (publication === undefined || publication.metadata.deletionTimestamp !== undefined) return undefined;
  const { spec, metadata } = publication;
  const { issue, stories, publications } = await partsOf(
    { namespace: metadata.namespace!, name: spec.issueRef.name },
    reader,
  );
  const first = firstOfFile(publication, publications, issue?.spec.language);
  const outcome =
    first === undefined
      ? await publish(publication, issue && composeIssue(issue, stories).document, options)
      : refused('SameFile', `Publication "${first.metadata.name}" is that file: delete one of the two`);
  const { path, contentHash, commit, publishedTime } = publication.status ?? {};
  const { published, condition, scheduled } = outcome;
  const now = formatTime(new Date(options.clock.now()));
  await context.applyStatus({
    observedGeneration: metadata.generation!,
    ...present({
      path: published?.path ?? path,
      contentHash: published?.contentHash ?? contentHash,
      commit: published?.commit ?? commit,
      publishedTime: publishedTime ?? (published && isForReaders(spec) ? (spec.publishedTime ?? now) : undefined),
    }),
    conditions: [
      ...setCondition(
        publication.status?.conditions,
        { ...condition, observedGeneration: metadata.generation },
        options.clock,
      ),
    ],
  });
  tellOutcome(context, options, publication, outcome);
  if (condition.reason === 'Failed') return { requeueAfterMs: RETRY_MS };
  // published again when its time has come: a page then is written, and a feed that is kept there gets it
  if (scheduled === undefined) return undefined;
  return { requeueAfterMs: Math.min(Math.max(scheduled.getTime() - options.clock.now(), 1000), LONGEST_WAIT_MS) };
}

/** Events of what became of a publication; what its condition said before is not told again. */
function tellOutcome(
  context: ObjectContext<PublicationObject>,
  options: PublicationControllerOptions,
  { spec: { target }, status }: PublicationObject,
  { published, uncommitted = [], condition }: Outcome,
): void {
  if (published?.isChanged) tellNews(context, options, { reason: 'Published', note: `${published.path} in ${target}` });
  for (const { path, reason } of uncommitted)
    tellNews(context, options, {
      type: 'Warning',
      reason: 'NotCommitted',
      action: 'Commit',
      note: `${path}: ${reason}`,
    });
  const before = status?.conditions?.find(({ type }) => type === condition.type);
  const isTold = before?.reason === condition.reason && before?.message === condition.message;
  if (condition.status === 'False' && !isTold)
    tellNews(context, options, {
      ...(condition.reason !== 'Scheduled' && { type: 'Warning' }),
      reason: condition.reason,
      action: 'Publish',
      note: `not published in ${target}: ${condition.message}`,
    });
}

/** The older Publication that is the same file as one; undefined: there is none. */
function firstOfFile(
  publication: PublicationObject,
  all: readonly PublicationObject[],
  written: string | undefined,
): PublicationObject | undefined {
  const fileOf = ({ spec: { target, format = 'Zenn', language = written } }: PublicationObject): string =>
    [target, format, language].join(' ');
  const ageOf = ({ metadata }: PublicationObject): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return all
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((one) => fileOf(one) === fileOf(publication) && ageOf(one) < ageOf(publication))
    .sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))[0];
}

/** What became of a publication. */
interface Outcome {
  /** Absent: it is not there, or waits. */
  readonly published?: Published;
  readonly uncommitted?: Published['uncommitted'];
  /** When readers see it; absent: by now. */
  readonly scheduled?: Date;
  readonly condition: NewCondition;
}

async function publish(
  { spec }: PublicationObject,
  composed: IssueDocument | undefined,
  { targets, clock }: PublicationControllerOptions,
): Promise<Outcome> {
  const target = targets.get(spec.target);
  if (target === undefined)
    return refused(
      'UnknownTarget',
      `There is no target "${spec.target}" here: nekube weekly run --target ${spec.target}=DIR names its folder`,
    );
  if (composed === undefined) return refused('NoIssue', `There is no Issue "${spec.issueRef.name}"`);
  // the format date-time takes any zone, as of 99 hours
  if (spec.publishedTime !== undefined && Number.isNaN(Date.parse(spec.publishedTime)))
    return refused('TimeInvalid', `publishedTime is no time: ${JSON.stringify(spec.publishedTime)}`);
  const format = (spec.format ?? 'Zenn').toLowerCase() as IssueFormat;
  const issue = documentOf(composed, spec);
  const now = new Date(clock.now());
  if (format === 'zenn') {
    const broken = checkZenn({ ...issue, slug: baseSlug(issue) }, now);
    if (broken.length > 0)
      return refused('RulesBroken', broken.map(({ place, message }) => `${place}: ${message}`).join('; '));
  }
  const { folder, ...git } = target;
  try {
    const language = spec.language !== undefined && { language: spec.language };
    return outcomeOf(await publishIssue(issue, { to: folder, format, now, ...git, ...language }), issue, now);
  } catch (error) {
    const { message } = error as Error;
    return refused(error instanceof EditedFileError ? 'EditedByHand' : 'Failed', message);
  }
}

function outcomeOf(published: Published, issue: IssueDocument, now: Date): Outcome {
  const { path, waitsUntil, uncommitted } = published;
  if (waitsUntil !== undefined) {
    const waits = refused('Scheduled', `${path} waits until ${formatTime(waitsUntil)}`);
    return { ...waits, uncommitted, scheduled: waitsUntil };
  }
  const scheduled = scheduledFor(issue, now);
  return {
    published,
    uncommitted,
    ...(scheduled && { scheduled }),
    condition: { type: 'Published', status: 'True', reason: 'Published', message: path },
  };
}

function refused(reason: string, message: string): Outcome {
  return { condition: { type: 'Published', status: 'False', reason, message: message.slice(0, 2048) } };
}

/** Whether readers see what is published, and not a draft, as Zenn and other sites that read Markdown have them. */
function isForReaders({ format = 'Zenn', published = false }: PublicationSpec): boolean {
  return published || (format !== 'Zenn' && format !== 'Markdown');
}

/** The document with what the Publication says of when readers see it. */
function documentOf(issue: IssueDocument, { published = false, publishedTime }: PublicationSpec): IssueDocument {
  if (publishedTime === undefined) return { ...issue, published };
  return { ...issue, published, publishedAt: publishedAtOf(new Date(publishedTime)) };
}
