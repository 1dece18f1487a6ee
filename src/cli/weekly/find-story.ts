import type { Client } from 'nekube/client';
import { STORY, type StoryObject, storyName } from 'nekube/weekly';
import { CliError } from '../io.ts';

/**
 * The Story that is meant: by its name, the beginning of one, or the address of its page.
 *
 * @throws CliError if there is none, or several
 */
export async function findStory(client: Client, meant: string, signal: AbortSignal): Promise<StoryObject> {
  const { items } = await client.list(STORY, { namespace: client.defaultNamespace, signal });
  const name = URL.canParse(meant) ? storyName(meant) : meant;
  const exact = items.find(({ metadata }) => metadata.name === name);
  if (exact !== undefined) return exact;
  const begun = items.filter(({ metadata }) => metadata.name!.startsWith(name));
  if (begun.length === 1) return begun[0]!;
  if (begun.length === 0) throw new CliError(`There is no story "${meant}"`, { hint: 'nekube weekly list names them' });
  const names = begun.slice(0, 5).map(({ metadata }) => metadata.name);
  throw new CliError(`"${meant}" may be each of ${names.join(', ')}`, { hint: 'write more of its name' });
}

/** The name of the Issue with a number. @throws CliError for what is no number */
export function issueName(number: string): string {
  if (/^[1-9]\d{0,6}$/.test(number)) return `issue-${number}`;
  throw new CliError(`"${number}" is no number of an issue`, { hint: 'issues count from 1' });
}
