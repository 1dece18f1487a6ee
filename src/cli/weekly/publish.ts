import { join, resolve } from 'node:path';
import { baseSlug, EditedFileError, publishIssue } from 'nekube/weekly';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { printableLines } from '../printable.ts';
import { issueOf } from './issue-source.ts';
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
  const issue = await issueOf(source, flags, io);
  tellGaps(issue, language, io);
  if (output === 'zenn') tellBroken({ ...issue, slug: baseSlug(issue) }, io);
  const commit = message ?? (flags.commit === true || push !== undefined);
  try {
    const published = publishIssue(issue, {
      to: resolve(io.cwd, to),
      format: output,
      showsImages: images,
      force,
      commit,
      ...(language === undefined ? {} : { language }),
      ...(push === undefined ? {} : { push }),
    });
    for (const path of published.completed) io.stderr(`${path}: completed what was begun before\n`);
    io.stdout(`${join(to, published.path)} ${published.isChanged ? 'published' : 'unchanged'}\n`);
    if (published.commit !== undefined) io.stdout(`commit ${published.commit}\n`);
  } catch (error) {
    if (error instanceof EditedFileError) {
      io.stdout(`${printableLines(error.diff)}\n`);
      throw new NegativeFinding(`${error.message}; --force overwrites it`);
    }
    throw new CliError(messageOf(error), { cause: error });
  }
}
