import { isStatusError } from 'nekube/apimachinery';
import { checkZennFields, ISSUE, type IssueObject, type IssueSpec, LANGUAGE_TAG, WEEKLY_API } from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import { CliError, type Io } from '../io.ts';
import { editorOf } from './editor.ts';
import { issueName } from './find-story.ts';
import { changing } from './issue-source.ts';
import type { NewFlags } from './new-command.ts';

const SECTIONS = [
  { id: 'articles', title: 'Notable Articles', emoji: '👀' },
  { id: 'prs', title: 'Notable PRs', emoji: '👀' },
];

/** Begins an issue. @throws CliError for wrong flags, and if it was begun before */
export async function newIssue(wanted: string | undefined, flags: NewFlags, io: Io): Promise<void> {
  const fieldManager = editorOf(flags, io);
  checkFlags(flags, io);
  const { signal } = io;
  await withNewsroom(flags, io, async (client) => {
    const namespace = client.defaultNamespace;
    const { items } = await client.list(ISSUE, { namespace, signal });
    const last = items.toSorted((a, b) => b.spec.number - a.spec.number)[0];
    const name = issueName(wanted ?? `${(last?.spec.number ?? 0) + 1}`);
    const spec = specOf(Number(name.slice('issue-'.length)), last, flags);
    try {
      await client.create<IssueObject>(
        { apiVersion: WEEKLY_API, kind: 'Issue', metadata: { name, namespace }, spec },
        { fieldManager, signal },
      );
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists'))
        throw new CliError(`Issue ${spec.number} was begun before`, {
          hint: `${changing(spec.number)}; without a number the next issue is begun`,
          cause: error,
        });
      throw error;
    }
    io.stdout(`issue.weekly.nekube.dev/${name} created\n`);
  });
}

/** Refuses at once what the server would refuse of the issue later, or nobody would want; what only Zenn refuses is told. */
function checkFlags({ title, language, emoji = '📰', topic = [] }: NewFlags, io: Io): void {
  if (language !== undefined && !LANGUAGE_TAG.test(language))
    throw new CliError(`--language: ${JSON.stringify(language)} is no language`, {
      hint: 'a tag as en, ja or zh-Hant',
    });
  const broken = checkZennFields({ title: title ?? '-', emoji, topics: [...topic] }, undefined, new Date(0));
  const tooLong = broken.find(({ rule }) => rule === 'title-length');
  const found =
    broken.find(({ rule }) => rule === 'emoji') ??
    // an issue may be begun without topics
    (topic.length > 0 ? broken.find(({ rule }) => rule.startsWith('topic')) : undefined);
  if (found !== undefined)
    throw new CliError(`--${found.rule === 'emoji' ? 'emoji' : 'topic'}: ${found.message}`, {
      hint: '--emoji 🐈 --topic kubernetes --topic cncf',
    });
  if (tooLong !== undefined)
    io.stderr(`Warning: --title: ${tooLong.message} where it is published on Zenn, which refuses a longer one\n`);
}

function specOf(number: number, last: IssueObject | undefined, flags: NewFlags): IssueSpec {
  const { title = `Weekly #${number}`, date = dayHere(new Date()), topic: topics = last?.spec.topics } = flags;
  const { language = 'ja', emoji = '📰', type = 'tech' } = { ...last?.spec, ...flags };
  const before = last?.spec.sections?.map(({ id, title: called, emoji: sign }) => ({
    id,
    title: called,
    ...(sign && { emoji: sign }),
    introduction: [],
  }));
  const sections =
    flags.section?.map(sectionOf) ?? before ?? SECTIONS.map((section) => ({ ...section, introduction: [] }));
  return {
    number,
    title,
    date,
    language,
    sections,
    emoji,
    type,
    ...(topics && { topics }),
  };
}

function sectionOf(text: string): NonNullable<IssueSpec['sections']>[number] {
  const [, id, title] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
  if (id === undefined || title === undefined)
    throw new CliError(`"${text}" is no section`, { hint: "--section articles='Notable Articles'" });
  return { id, title, introduction: [] };
}

/** The day where whoever writes is: in Japan that of UTC is yesterday's in the morning. */
export function dayHere(now: Date): string {
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((number) => String(number).padStart(2, '0'));
  return `${now.getFullYear()}-${month}-${day}`;
}
