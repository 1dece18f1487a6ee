import { join } from 'node:path';
import { rehearseIssue, type Rehearsal } from 'nekube/weekly';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable, printableLines } from '../printable.ts';
import { isToldToNewsroom, prepared, tellPublished, withFindings } from './publish.ts';
import type { PublishFlags } from './publish-command.ts';
import { isKnownAsPublished } from './published.ts';

/**
 * Prints what publishing an issue would do, and does nothing.
 *
 * @throws NegativeFinding: something would change
 * @throws CliError if it would not be published
 */
export async function rehearse(source: string, flags: PublishFlags, io: Io): Promise<void> {
  const { issue, rehearsal } = await withoutFindings(async () => {
    const { issue, options } = await prepared(source, flags, io);
    return { issue, rehearsal: await withFindings(() => rehearseIssue(issue, options), io) };
  });
  for (const path of rehearsal.completed)
    io.stderr(`note: ${printable(path)} was begun before, and would be completed\n`);
  const lines = planOf(rehearsal, flags);
  if (isToldToNewsroom(source, issue, rehearsal, flags, io) && !(await isKnownAsPublished(source, flags, io)))
    lines.push(`tell the newsroom that issue ${source} is published`);
  for (const line of lines) io.stdout(`${line}\n`);
  tellPublished(rehearsal, issue, { ...flags, ...(lines.length === 0 && { state: 'unchanged' }) }, io);
  if (lines.length > 0) throw new NegativeFinding('That would be done, and nothing was');
}

/** In the order in which it would be done. */
function planOf({ files, commits, pushes, branch }: Rehearsal, { to }: PublishFlags): string[] {
  return [
    ...files.flatMap(({ path, isThere, diff }) => [
      `${isThere ? 'change' : 'create'} ${printable(join(to, path))}`,
      printableLines(diff),
    ]),
    ...commits.map((message) => `commit ${printable(JSON.stringify(message))} on ${printable(String(branch))}`),
    ...pushes.map((remote) => `push ${printable(String(branch))} to ${printable(remote)}`),
  ];
}

/** What publishing finds, is why it would not be done. */
async function withoutFindings<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof NegativeFinding) throw new CliError(error.message, { cause: error });
    throw error;
  }
}
