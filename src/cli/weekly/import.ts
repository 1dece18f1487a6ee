import { isStatusError, stringifyYaml } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import {
  applyOverMachines,
  composeIssue,
  decomposeIssue,
  ISSUE,
  type IssueDocument,
  type IssueObject,
  keepKeys,
  renderIssue,
  issueTranslations,
  STORY,
  type StoryObject,
  type StorySpec,
  storyTranslations,
  WEEKLY_API,
  withTranslations,
} from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';
import { printable } from '../printable.ts';
import { applyTranslations } from './apply-translations.ts';
import { editorOf } from './editor.ts';
import { issueName } from './find-story.ts';
import { keepPublished } from './published.ts';
import type { ImportFlags } from './import-command.ts';
import { readIssueFile } from './issue-source.ts';
import { withNewsroom } from './newsroom.ts';

/** Reads an issue, and prints or applies it. @throws CliError if it cannot be read, has no number, or is in conflict */
export async function importIssue(file: string, flags: ImportFlags, io: Io): Promise<void> {
  const read = await readIssueFile(file, io);
  const number = flags.number === undefined ? read.number : Number(issueName(flags.number).slice('issue-'.length));
  const issue = number === undefined ? read : { ...read, number };
  if (flags.apply)
    return withNewsroom(flags, io, (client) => applyIssue(client, numbered(issue), editorOf(flags, io), io));
  if (flags.output !== 'objects') return io.stdout(renderIssue(issue, flags.output));
  const { issue: own, stories } = objectsOf(numbered(issue));
  io.stdout([own, ...stories].map((object) => stringifyYaml(object as never)).join('---\n'));
}

function numbered(issue: IssueDocument): IssueDocument & { readonly number: number } {
  const { number } = issue;
  if (number !== undefined && number > 0) return { ...issue, number };
  throw new CliError('The text does not say which number the issue has', { hint: '--number N' });
}

interface Objects {
  readonly issue: IssueObject;
  readonly stories: readonly StoryObject[];
}

function objectsOf(
  document: IssueDocument & { readonly number: number },
  namespace?: string,
  taken = new Set<string>(),
): Objects {
  const { issue, stories } = decomposeIssue(document);
  const ids = document.sections.flatMap((section) => section.stories.map(({ id }) => id));
  const place = namespace === undefined ? {} : { namespace };
  return {
    issue: { apiVersion: WEEKLY_API, kind: 'Issue', metadata: { name: issue.name, ...place }, spec: issue.spec },
    stories: stories.map(({ name, spec }, index) => ({
      apiVersion: WEEKLY_API,
      kind: 'Story',
      // one that is there is the same object, however its text was edited
      metadata: { name: taken.has(ids[index]!) ? ids[index]! : name, ...place },
      spec,
    })),
  };
}

async function applyIssue(
  client: Client,
  read: IssueDocument & { readonly number: number },
  fieldManager: string,
  io: Io,
): Promise<void> {
  const namespace = client.defaultNamespace;
  const { signal } = io;
  const there = await client
    .get(ISSUE, { namespace, name: `issue-${read.number}` }, { signal })
    .catch((error: unknown) => {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    });
  const { items } = await client.list(STORY, { namespace, signal });
  // its text is what an editor applies: what others translated of it stays theirs
  const document =
    there === undefined
      ? read
      : { ...keepKeys(withTranslations(composeIssue(there, items).document, []), read), number: read.number };
  const { issue, stories } = objectsOf(document, namespace, new Set(items.map(({ metadata }) => metadata.name!)));
  const before = new Map(
    [...(there === undefined ? [] : [there]), ...items].map((one) => [`${one.kind} ${one.metadata.name}`, one]),
  );
  const stale: string[] = [];
  for (const object of [issue, ...stories]) {
    const { translations = [], ...spec } = object.spec as StorySpec;
    const applied = await applyText(client, { ...object, spec } as StoryObject, fieldManager, io.signal);
    if (object === issue && read.published) await keepPublished(client, applied as IssueObject, read, io);
    const was = before.get(`${object.kind} ${object.metadata.name}`)?.metadata.resourceVersion;
    const done = was === undefined ? 'created' : was === applied.metadata.resourceVersion ? 'unchanged' : 'changed';
    io.stdout(`${object.kind!.toLowerCase()}.weekly.nekube.dev/${object.metadata.name} ${done}\n`);
    stale.push(...staleOf(applied));
    const kind = object === issue ? 'Issue' : 'Story';
    let latest = applied;
    for (const language of new Set(translations.map((one) => one.language))) {
      const own = translations.filter((one) => one.language === language);
      const translated = { kind, object: latest, editor: fieldManager, language, translations: own } as const;
      latest = await applyTranslations(client, translated, io);
    }
  }
  for (const sentence of stale) io.stderr(`note: ${printable(sentence)}\n`);
}

/** Applies the text of an object as an editor. @throws CliError: another editor wrote it otherwise */
async function applyText<T extends IssueObject | StoryObject>(
  client: Client,
  object: T,
  fieldManager: string,
  signal: AbortSignal,
): Promise<T> {
  const apply = (force: boolean): Promise<unknown> => client.apply(object as never, { fieldManager, force, signal });
  const applied = await applyOverMachines(fieldManager, apply).catch((error: unknown) => {
    if (!isStatusError(error, 'Conflict')) throw error;
    throw new CliError(`${object.kind} ${object.metadata.name} is not applied: ${error.message}`, {
      hint: 'somebody else wrote these fields: import as them (--as), or leave them out of the text',
      cause: error,
    });
  });
  return applied as T;
}

/** Which translations of an object are stale now that its text is another. */
function staleOf(object: StoryObject | IssueObject): readonly string[] {
  const states =
    object.kind === 'Issue' ? issueTranslations(object as IssueObject) : storyTranslations(object as StoryObject);
  return states
    .filter(({ state }) => state === 'stale')
    .map(({ language, place }) => `${object.metadata.name}: ${place}: its translation to ${language} is stale`);
}
