import { join, resolve } from 'node:path';
import { formatTime } from 'nekube/apimachinery';
import {
  baseSlug,
  EditedFileError,
  forReaders,
  type IssueDocument,
  momentOf,
  publishIssue,
  type Published,
  type PublishOptions,
  scheduledFor,
} from 'nekube/weekly';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { printable, printableLines } from '../printable.ts';
import { changing, issueOf, isOfServer } from './issue-source.ts';
import { tellNewsroom } from './published.ts';
import type { PublishFlags } from './publish-command.ts';
import { tellBroken, tellGaps } from './render.ts';

/**
 * Publishes an issue, and tells where.
 *
 * @throws NegativeFinding: it breaks Zenn's rules, or the file was edited
 * @throws CliError if there is none, or it cannot be published
 */
export async function publish(source: string, flags: PublishFlags, io: Io): Promise<void> {
  const { issue, options } = await prepared(source, flags, io);
  const published = await withFindings(() => publishIssue(issue, options), io);
  for (const path of published.completed) io.stderr(`${printable(path)}: completed what was begun before\n`);
  const state = published.isChanged ? 'published' : 'unchanged';
  tellPublished(published, issue, { ...flags, state }, io);
  if (published.commit !== undefined) io.stdout(`commit ${published.commit}\n`);
  if (isToldToNewsroom(source, issue, published, flags, io)) await tellNewsroom(source, issue, flags, io);
}

/**
 * What is to be published, and how; what is to be known of it is told.
 *
 * @throws NegativeFinding: it breaks Zenn's rules
 * @throws CliError if there is none
 */
export async function prepared(
  source: string,
  flags: PublishFlags,
  io: Io,
): Promise<{ readonly issue: IssueDocument; readonly options: PublishOptions }> {
  const { to, output, language, images = false, message, push, force = false } = flags;
  const issue = shownFrom(await issueOf(source, flags, io), flags);
  tellGaps(issue, language, io);
  const mending = isOfServer(source, flags, io) ? changing(issue.number ?? Number(source)) : undefined;
  if (output === 'zenn') tellBroken({ ...forReaders(issue), slug: baseSlug(issue) }, io, mending);
  const options: PublishOptions = {
    to: resolve(io.cwd, to),
    format: output,
    showsImages: images,
    force,
    commit: message ?? (flags.commit === true || push !== undefined),
    ...(language !== undefined && { language }),
    ...(push !== undefined && { push }),
  };
  return { issue, options };
}

/**
 * Does what may find that a file was edited, and shows that.
 *
 * @throws NegativeFinding: one was
 * @throws CliError for what else fails
 */
export async function withFindings<T>(use: () => Promise<T>, io: Io): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof EditedFileError)) throw new CliError(messageOf(error), { cause: error });
    io.stdout(`${printableLines(error.diff)}\n`);
    throw new NegativeFinding(`${error.message}; --force overwrites it`);
  }
}

/** Tells what became of an issue, and when readers see it. */
export function tellPublished(
  { path, uncommitted, waitsUntil }: Published,
  issue: IssueDocument,
  { to, output, state }: PublishFlags & { readonly state?: string },
  io: Io,
): void {
  for (const { path: other, reason } of uncommitted)
    io.stderr(`Warning: ${printable(`${other} was published before and is not committed: ${reason}`)}\n`);
  const file = printable(join(to, path));
  if (waitsUntil !== undefined) {
    io.stdout(`${file} waits until ${formatTime(waitsUntil)}\n`);
    io.stderr(
      'note: readers see it as soon as it is there: publish it again then, or have nekube weekly run do it, by a Publication\n',
    );
    return;
  }
  if (state !== undefined) io.stdout(`${file} ${state}\n`);
  if (!issue.published && (output === 'zenn' || output === 'markdown'))
    io.stderr('note: it is a draft, which readers do not see: --published shows it to them\n');
  const scheduled = scheduledFor(issue, new Date());
  if (scheduled !== undefined)
    io.stderr(
      `note: readers see it at ${formatTime(scheduled)}; a feed that is kept there has it with the first publish after that\n`,
    );
}

/** Whether the newsroom is to know that readers have an issue. */
export function isToldToNewsroom(
  source: string,
  { published }: IssueDocument,
  { waitsUntil }: Published,
  flags: PublishFlags,
  io: Io,
): boolean {
  return published && waitsUntil === undefined && isOfServer(source, flags, io);
}

/** The issue with what the flags say of when readers see it. @throws CliError for what is no time */
function shownFrom(issue: IssueDocument, { published, publishedAt }: PublishFlags): IssueDocument {
  if (publishedAt === undefined) return published ? { ...issue, published } : issue;
  if (momentOf(publishedAt) === undefined)
    throw new CliError(`"${publishedAt}" is no time`, { hint: '--published-at "2031-03-07 18:00"' });
  return { ...issue, published: true, publishedAt };
}
