import { isStatusError, type ObjectMeta, type StatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { ISSUE, type StorySpec, WEEKLY_API } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import type { AcceptFlags, DecideFlags } from './decide-command.ts';
import { editorOf } from './editor.ts';
import { findStory, issueName } from './find-story.ts';

/** Takes a story into an issue. @throws CliError if one of them is not there, or another editor decided otherwise */
export async function accept(meant: string, flags: AcceptFlags, io: Io): Promise<void> {
  const name = issueName(flags.issue);
  const { section, presenter, order } = flags;
  await decide(meant, flags, io, async (client) => {
    const issue = await client
      .get(ISSUE, { namespace: client.defaultNamespace, name }, { signal: io.signal })
      .catch((error: unknown) => {
        if (!isStatusError(error, 'NotFound')) throw error;
        throw new CliError(`There is no issue ${flags.issue}`, {
          hint: `nekube weekly new ${flags.issue} begins it`,
          cause: error,
        });
      });
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

type Decision = Pick<StorySpec, (typeof DECIDED)[number]>;
const DECIDED = ['state', 'issueRef', 'section', 'presenter', 'order'] as const;
/** What these own gives way to any editor. */
const MACHINES = new Set(['weekly-feed', 'weekly-story', 'nekube-weekly']);

/**
 * Applies what an editor decides of a story, with what this editor decided of it before. Decisions have a manager of their own beside
 * the editor's, so that they leave alone the text that the same editor applied.
 */
async function decide(
  meant: string,
  flags: DecideFlags,
  io: Io,
  decision: (client: Client) => Promise<Decision>,
): Promise<void> {
  const fieldManager = `${editorOf(flags, io)}.decisions`;
  const { signal } = io;
  await withCluster(flags, io, async (client) => {
    const { metadata, spec } = await findStory(client, meant, signal);
    const decided = await decision(client);
    const { name, namespace } = metadata;
    const story = { apiVersion: WEEKLY_API, kind: 'Story', metadata: { name, namespace } };
    const configuration = { ...story, spec: { ...decidedBefore(metadata, spec, fieldManager), ...decided } };
    const apply = (force: boolean): Promise<unknown> =>
      client.apply(configuration as never, { fieldManager, force, signal });
    await apply(flags.force ?? false).catch(async (error: unknown) => {
      if (!isStatusError(error, 'Conflict')) throw error;
      if (managersIn(error).every((manager) => MACHINES.has(manager))) return await apply(true);
      throw new CliError(error.message, { hint: '--force decides it all the same', cause: error });
    });
    io.stdout(`"${spec.title}" is ${decided.state!.toLowerCase()}\n`);
  });
}

function decidedBefore({ managedFields }: ObjectMeta, spec: StorySpec, manager: string): Partial<Decision> {
  const entry = managedFields?.find((one) => one.manager === manager && one.operation === 'Apply');
  const owned = (entry?.fieldsV1 as { readonly 'f:spec'?: object } | undefined)?.['f:spec'] ?? {};
  return Object.fromEntries(DECIDED.filter((field) => `f:${field}` in owned).map((field) => [field, spec[field]]));
}

/** With whom an apply is in conflict. */
function managersIn({ status }: StatusError): readonly string[] {
  const causes = status.details?.causes ?? [];
  return causes.map(({ message }) => /^conflict with "([^"]+)"/.exec(message ?? '')?.[1] ?? '');
}
