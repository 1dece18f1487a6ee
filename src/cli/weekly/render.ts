import { baseSlug, checkZenn, forReaders, type IssueDocument, renderIssue, translateIssue } from 'nekube/weekly';
import { type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { issueOf } from './issue-source.ts';
import type { RenderFlags } from './render-command.ts';

/**
 * Prints an issue.
 *
 * @throws NegativeFinding: it breaks Zenn's rules
 * @throws CliError if there is none, or it cannot be read
 */
export async function printIssue(source: string, flags: RenderFlags, io: Io): Promise<void> {
  const { output, language, images = false } = flags;
  const given = await issueOf(source, flags, io);
  // Markdown and JSON are what editors go on with
  const found = output === 'markdown' || output === 'json' ? given : forReaders(given);
  // on Zenn the name of the file is the slug, so one is always there
  const issue = output === 'zenn' ? { ...found, slug: baseSlug(found) } : found;
  tellGaps(issue, language, io);
  io.stdout(renderIssue(issue, output, { showsImages: images, ...(language === undefined ? {} : { language }) }));
  if (output === 'zenn') tellBroken(issue, io);
}

/** Tells what is not translated, or was before it changed. */
export function tellGaps(issue: IssueDocument, language: string | undefined, io: Io): void {
  if (language === undefined) return;
  for (const { place, state } of translateIssue(issue, language).gaps)
    io.stderr(`note: ${place}: translation ${state}\n`);
}

/** Tells which of Zenn's rules an issue breaks. @param mending where there is a way to @throws NegativeFinding if there are any */
export function tellBroken(issue: IssueDocument, io: Io, mending?: string): void {
  const broken = checkZenn(issue, new Date());
  for (const { place, message, rule } of broken) io.stderr(`${printable(`${place}: ${message} [${rule}]`)}\n`);
  if (broken.length > 0)
    throw new NegativeFinding(
      `${broken.length} of Zenn's rules ${broken.length === 1 ? 'is' : 'are'} broken${mending === undefined ? '' : `; ${mending}`}`,
    );
}
