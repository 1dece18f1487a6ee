import { join, resolve } from 'node:path';
import { formatTime } from 'nekube/apimachinery';
import {
  baseSlug,
  EditedFileError,
  forReaders,
  type IssueDocument,
  momentOf,
  publishIssue,
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
  const { to, output, language, images = false, message, push, force = false } = flags;
  const issue = shownFrom(await issueOf(source, flags, io), flags);
  tellGaps(issue, language, io);
  const mending = isOfServer(source, flags, io) ? changing(issue.number ?? Number(source)) : undefined;
  if (output === 'zenn') tellBroken({ ...forReaders(issue), slug: baseSlug(issue) }, io, mending);
  const commit = message ?? (flags.commit === true || push !== undefined);
  try {
    const published = await publishIssue(issue, {
      to: resolve(io.cwd, to),
      format: output,
      showsImages: images,
      force,
      commit,
      ...(language === undefined ? {} : { language }),
      ...(push === undefined ? {} : { push }),
    });
    for (const path of published.completed) io.stderr(`${path}: completed what was begun before\n`);
    for (const { path, reason } of published.uncommitted)
      io.stderr(`Warning: ${printable(`${path} was published before and is not committed: ${reason}`)}\n`);
    io.stdout(`${join(to, published.path)} ${published.isChanged ? 'published' : 'unchanged'}\n`);
    if (!issue.published && (output === 'zenn' || output === 'markdown'))
      io.stderr('note: it is a draft, which readers do not see: --published shows it to them\n');
    const scheduled = scheduledFor(issue, new Date());
    if (scheduled !== undefined)
      io.stderr(
        `note: readers see it at ${formatTime(scheduled)}; a feed that is kept there has it with the first publish after that\n`,
      );
    if (published.commit !== undefined) io.stdout(`commit ${published.commit}\n`);
    if (issue.published && isOfServer(source, flags, io)) await tellNewsroom(source, issue, flags, io);
  } catch (error) {
    if (error instanceof EditedFileError) {
      io.stdout(`${printableLines(error.diff)}\n`);
      throw new NegativeFinding(`${error.message}; --force overwrites it`);
    }
    throw new CliError(messageOf(error), { cause: error });
  }
}

/** The issue with what the flags say of when readers see it. @throws CliError for what is no time */
function shownFrom(issue: IssueDocument, { published, publishedAt }: PublishFlags): IssueDocument {
  if (publishedAt === undefined) return published ? { ...issue, published } : issue;
  if (momentOf(publishedAt) === undefined)
    throw new CliError(`"${publishedAt}" is no time`, { hint: '--published-at "2031-03-07 18:00"' });
  return { ...issue, published: true, publishedAt };
}
