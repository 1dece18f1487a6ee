import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { applyOverMachines, type Decision, decisionApply, textOfTitle } from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';
import type { AcceptFlags, DecideFlags } from './decide-command.ts';
import { printable } from '../printable.ts';
import { editorOf } from './editor.ts';
import { findStory, issueName } from './find-story.ts';
import { issueObject, withNewsroom } from './newsroom.ts';

/** Takes a story into an issue. @throws CliError if one of them is not there, or another editor decided otherwise */
export async function accept(meant: string, flags: AcceptFlags, io: Io): Promise<void> {
  const name = issueName(flags.issue);
  const { section, presenter, order } = flags;
  await decide(meant, flags, io, async (client) => {
    const issue = await issueObject(client, flags.issue, io.signal);
    const ids = issue.spec.sections?.map(({ id }) => id) ?? [];
    if (section !== undefined && !ids.includes(section))
      throw new CliError(`Issue ${flags.issue} has no section "${section}"`, {
        hint: `it has ${ids.join(', ') || 'none'}`,
      });
    return {
      state: 'Accepted',
      issueRef: { name },
      ...(section !== undefined && { section }),
      ...(presenter !== undefined && { presenter }),
      ...(order !== undefined && { order }),
    };
  });
}

/** Says that a story is not told. @throws CliError as `accept` does */
export async function decline(meant: string, flags: DecideFlags, io: Io): Promise<void> {
  await decide(meant, flags, io, async () => ({ state: 'Declined' }));
}

/** Applies what an editor decides of a story. What nobody decided gives way; what another editor did is a conflict, unless it is forced. */
async function decide(
  meant: string,
  flags: DecideFlags,
  io: Io,
  decision: (client: Client) => Promise<Decision>,
): Promise<void> {
  const editor = editorOf(flags, io);
  const { signal } = io;
  await withNewsroom(flags, io, async (client) => {
    const story = await findStory(client, meant, signal);
    const decided = await decision(client);
    const { fieldManager, configuration } = decisionApply(story, editor, decided);
    const apply = (force: boolean): Promise<unknown> =>
      client.apply(configuration as never, { fieldManager, force, signal });
    await (flags.force ? apply(true) : applyOverMachines(editor, apply)).catch((error: unknown) => {
      if (!isStatusError(error, 'Conflict')) throw error;
      throw new CliError(error.message, { hint: '--force decides it all the same', cause: error });
    });
    io.stdout(`"${printable(textOfTitle(story.spec.title))}" is ${decided.state!.toLowerCase()}\n`);
  });
}
