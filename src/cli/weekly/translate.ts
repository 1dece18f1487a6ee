import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import {
  composeIssue,
  type IssueDocument,
  type IssueObject,
  isSheet,
  normalizeIssue,
  pairTranslation,
  type PlacedTranslation,
  readIssue,
  readSheet,
  renderIssue,
  type StoryObject,
  textsOf,
  translateIssue,
  translationsOf,
  translationsOfSheet,
  withTranslations,
  writeSheet,
} from 'nekube/weekly';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { formatTable } from '../table.ts';
import { applyTranslations } from './apply-translations.ts';
import { editorOf } from './editor.ts';
import { isOfServer, issueOf, textOf } from './issue-source.ts';
import { allStories, issueObject, withNewsroom } from './newsroom.ts';
import type { TranslateFlags } from './translate-command.ts';

/**
 * Prints a sheet for a translator, takes one in, or tells what is behind.
 *
 * @throws NegativeFinding with `--check`: something is missing or stale
 * @throws CliError for wrong flags, and what cannot be read or is in conflict
 */
export async function translate(source: string, flags: TranslateFlags, io: Io): Promise<void> {
  const { to, from, check, output } = flags;
  if (check && from !== undefined) throw new CliError('--check takes no translations in', { hint: 'leave --from out' });
  if (from === undefined) {
    const issue = normalizeIssue(await issueOf(source, { ...flags, from: undefined }, io));
    if (check) return tellBehind(issue, to, io);
    return write(writeSheet(issue, languageOf(issue, to)), output, io);
  }
  const text = await textOf(from, io);
  if (isOfServer(source, {}, io))
    return await withNewsroom(flags, io, (client) => takeIn(client, source, text, flags, io));
  const issue = normalizeIssue(await issueOf(source, { ...flags, from: undefined }, io));
  const { language, translations } = translationsIn(text, issue, flags, io);
  const others = translationsOf(issue).filter((one) => one.language !== language);
  write(renderIssue(withTranslations(issue, [...others, ...translations]), 'json'), output, io);
}

function languageOf(issue: IssueDocument, to: string | undefined): string {
  if (to === undefined) throw new CliError('Nothing says which language it is translated to', { hint: '--to en' });
  if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(to))
    throw new CliError(`"${to}" is no language`, { hint: '--to en' });
  if (to === issue.language) throw new CliError(`The issue is written in ${to}`, { hint: 'name another language' });
  return to;
}

function write(text: string, file: string | undefined, io: Io): void {
  if (file === undefined) return io.stdout(text);
  try {
    writeFileSync(resolve(io.cwd, file), text);
  } catch (error) {
    throw new CliError(messageOf(error, file), { cause: error });
  }
}

/** So much of a text tells which it is. */
const EXCERPT = 40;

function tellBehind(issue: IssueDocument, to: string | undefined, io: Io): void {
  const begun = [...new Set(translationsOf(issue).map(({ language }) => language))].sort();
  const languages = to === undefined ? begun : [languageOf(issue, to)];
  if (languages.length === 0) return io.stderr('The issue is not translated.\n');
  const texts = new Map(textsOf(issue).map(({ place, text }) => [place, text]));
  const rows = languages.flatMap((language) =>
    translateIssue(issue, language).gaps.map(({ place, state }) => {
      const text = texts.get(place)!.replace(/\s+/g, ' ');
      return [language, state, place, text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text];
    }),
  );
  if (rows.length === 0) return io.stderr(`All is translated: ${languages.join(', ')}\n`);
  io.stdout(formatTable([['LANGUAGE', 'STATE', 'PLACE', 'TEXT'], ...rows]));
  throw new NegativeFinding(`${rows.length} ${rows.length === 1 ? 'text is' : 'texts are'} behind`);
}

interface Taken {
  readonly language: string;
  readonly translations: readonly PlacedTranslation[];
}

/** The translations that a sheet, or the same text in another language, has of an issue. */
function translationsIn(text: string, issue: IssueDocument, { from, to }: TranslateFlags, io: Io): Taken {
  try {
    return isSheet(text) ? ofSheet(text, issue, to, io) : ofText(text, issue, to, io);
  } catch (error) {
    if (!isParseError(error)) throw error;
    const line = error.line === undefined ? '' : `, line ${error.line}`;
    throw new CliError(`Cannot read ${from}${line}: ${error.message}`, { cause: error });
  }
}

function ofSheet(text: string, issue: IssueDocument, to: string | undefined, io: Io): Taken {
  const sheet = readSheet(text);
  if (to !== undefined && to !== sheet.language)
    throw new CliError(`The sheet is of ${sheet.language}, and not of ${to}`, { hint: 'leave --to out' });
  if (sheet.number !== undefined && issue.number !== undefined && sheet.number !== issue.number)
    throw new CliError(`The sheet is of issue ${sheet.number}`, { hint: `nekube weekly translate ${sheet.number}` });
  const language = languageOf(issue, sheet.language);
  const { translations, notes } = translationsOfSheet(issue, sheet);
  for (const note of notes) io.stderr(`note: ${printable(note)}\n`);
  return { language, translations };
}

function ofText(text: string, issue: IssueDocument, to: string | undefined, io: Io): Taken {
  const other = normalizeIssue(readIssue(text).issue);
  const language = languageOf(issue, to ?? other.language);
  const { issue: paired, unpaired } = pairTranslation(issue, { ...other, language });
  for (const place of unpaired)
    io.stderr(
      `note: ${printable(place)}: it has other blocks there, so that they are not taken; --to ${language} makes a sheet\n`,
    );
  return { language, translations: translationsOf(paired).filter((one) => one.language === language) };
}

async function takeIn(client: Client, number: string, text: string, flags: TranslateFlags, io: Io): Promise<void> {
  const editor = editorOf(flags, io);
  const issue = await issueObject(client, number, io.signal);
  const stories = await allStories(client, io.signal);
  const document = normalizeIssue(composeIssue(issue, stories).document);
  const { language, translations } = translationsIn(text, document, flags, io);
  const parts: readonly (readonly ['Issue' | 'Story', IssueObject | StoryObject, string])[] = [
    ['Issue', issue, ''],
    ...document.sections
      .flatMap((section) => section.stories)
      .map(({ id }) => ['Story', stories.find(({ metadata }) => metadata.name === id)!, `stories/${id}/`] as const),
  ];
  for (const [kind, object, prefix] of parts) {
    const own = translations
      .filter(({ place }) => (prefix === '' ? !place.startsWith('stories/') : place.startsWith(prefix)))
      .map((one) => ({ ...one, place: one.place.slice(prefix.length) }));
    await applyTranslations(client, { kind, object, editor, language, translations: own, force: flags.force }, io);
  }
}
