import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import {
  composeIssue,
  type IssueDocument,
  linkPastIssues,
  normalizeIssue,
  readArchive,
  readIssue,
} from 'nekube/weekly';
import type { Command } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';
import { allStories, issueObject, withNewsroom } from './newsroom.ts';

/** Where an issue comes from that is named by its number: a folder of past ones, or a server. */
export interface IssueSourceFlags extends NamespaceFlags {
  readonly from?: string;
  readonly pastUrl?: string;
}

/** Adds `--from`, and which server is meant where it is not given. */
export function withIssueSource(command: Command): Command {
  return withNamespaceFlags(
    command
      .option('--from <dir>', 'a folder of issues as Markdown, in which the one of that number is')
      .option('--past-url <url>', 'where issues are read, by their slugs: mentions of those of --from become links'),
  );
}

/**
 * The issue of a file (Markdown or JSON; `-` is stdin), or of a number: in a folder, or on a server.
 *
 * @throws CliError if there is none, or it cannot be read
 */
export async function issueOf(source: string, flags: IssueSourceFlags, io: Io): Promise<IssueDocument> {
  const issue = await namedIssue(source, flags, io);
  const { from, pastUrl } = flags;
  if (pastUrl === undefined) return issue;
  if (from === undefined) throw new CliError('--past-url needs the folder of past issues', { hint: '--from DIR' });
  const base = pastUrl.endsWith('/') ? pastUrl : `${pastUrl}/`;
  return linkPastIssues(issue, archiveOf(from, io).issues, (past) =>
    past.issue.slug === undefined ? undefined : `${base}${past.issue.slug}`,
  ).issue;
}

/** Whether an issue is one of the server: it is a number, and neither a file nor one of a folder. */
export function isOfServer(source: string, { from }: IssueSourceFlags, io: Io): boolean {
  return from === undefined && /^\d+$/.test(source) && !existsSync(resolve(io.cwd, source));
}

/** How an issue of the server is changed by a person. */
export function changing(number: number): string {
  return `nekube weekly render ${number} > issue.md has its text to change, and nekube weekly import issue.md --apply brings it back`;
}

async function namedIssue(source: string, flags: IssueSourceFlags, io: Io): Promise<IssueDocument> {
  if (isOfServer(source, flags, io)) return issueOfServer(source, flags, io);
  if (!/^\d+$/.test(source) || existsSync(resolve(io.cwd, source))) return readIssueFile(source, io);
  const { issues } = archiveOf(flags.from!, io);
  const found = issues.filter(({ issue }) => issue.number === Number(source));
  if (found.length === 1) return found[0]!.issue;
  if (found.length === 0) throw new CliError(`There is no issue ${source} in ${flags.from}`);
  throw new CliError(`Issue ${source} is in each of ${found.map(({ file }) => file).join(', ')}`, {
    hint: 'name the file',
  });
}

/** The issue of a file, with what was guessed told on stderr. @throws CliError if it cannot be read */
export async function readIssueFile(file: string, io: Io): Promise<IssueDocument> {
  const text = await textOf(file, io);
  if (isFeed(text))
    throw new CliError(`${file} is a feed, and no issue`, {
      hint: 'nekube weekly subscribe URL collects stories from a feed',
    });
  if (/^\s*\{/.test(text)) {
    const document = fromJson(text);
    if (document === undefined)
      throw new CliError(`${file} is JSON, and no issue`, { hint: 'nekube weekly render -o json writes such a file' });
    return document;
  }
  try {
    const { issue, notes } = readIssue(text, { fileName: file });
    for (const note of notes) io.stderr(`note: ${printable(note)}\n`);
    return issue;
  } catch (error) {
    if (!isParseError(error)) throw error;
    throw new CliError(`Cannot read ${file}: ${error.message}`, { cause: error });
  }
}

/** Past issues of a folder; what could not be read is told. @throws CliError if it is none */
export function archiveOf(folder: string, io: Io): ReturnType<typeof readArchive> {
  try {
    const archive = readArchive(resolve(io.cwd, folder));
    for (const { file, reason } of archive.unread)
      io.stderr(`Warning: ${printable(`${file} is left out: ${reason}`)}\n`);
    return archive;
  } catch (error) {
    throw new CliError(messageOf(error, folder), { cause: error });
  }
}

/** The text of a file; `-` is stdin. @throws CliError if it cannot be read */
export async function textOf(file: string, io: Io): Promise<string> {
  if (file === '-') {
    if (io.stdin === undefined) throw new CliError('There is nothing on stdin');
    return io.stdin();
  }
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new CliError(messageOf(error, file), { cause: error });
  }
}

/** Whether a text is a feed, which is not imported but subscribed to. */
function isFeed(text: string): boolean {
  const document = text.replace(/^\ufeff?\s*(?:<\?[^]*?\?>\s*|<!--[^]*?-->\s*|<!doctype[^>]*>\s*)*/i, '');
  return (
    /^<(?:rss|feed|channel|rdf:RDF)[\s>]/i.test(document) ||
    /^\{\s*"version"\s*:\s*"https?:\/\/jsonfeed\.org\//.test(document)
  );
}

function fromJson(text: string): IssueDocument | undefined {
  try {
    const {
      title,
      topics = [],
      introduction = [],
      sections = [],
      published = false,
      language = 'en',
      ...rest
    } = JSON.parse(text) as IssueDocument;
    if (typeof title !== 'string' || ![topics, introduction, sections].every(Array.isArray)) return undefined;
    return normalizeIssue({ ...rest, title, topics, introduction, sections, published, language });
  } catch {
    return undefined;
  }
}

async function issueOfServer(number: string, flags: IssueSourceFlags, io: Io): Promise<IssueDocument> {
  const { document, leftOut } = await withNewsroom(flags, io, async (client) =>
    composeIssue(await issueObject(client, number, io.signal), await allStories(client, io.signal)),
  );
  for (const sentence of leftOut) io.stderr(`Warning: ${printable(sentence)}\n`);
  return document;
}
