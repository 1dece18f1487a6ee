import { join } from 'node:path';
import { isMarkAlive, makeFolder, processMark } from 'nekube/files';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { forReaders } from '../issue/readers.ts';
import { type IssueFormat, renderIssue } from '../render/render-issue.ts';
import type { RenderOptions } from '../render/html-page.ts';
import { type Disk, disk as thisDisk, refuseLinks } from './disk.ts';
import { hashOf, type Ledger, LEDGER_FILE, type LedgerEntry, readLedger, writeLedger } from './ledger.ts';
import { lineDiff } from './line-diff.ts';
import { openRepository, type Repository, RepositoryError } from './repository.ts';

/** Where to an issue is published, and how. */
export interface PublishOptions extends RenderOptions {
  /** A folder; with `commit` one in the work tree of a git repository. */
  readonly to: string;
  readonly format: IssueFormat;
  /** The files are committed; a text is the commit's message. */
  readonly commit?: boolean | string;
  /** The name of a remote that is configured, to which the commit is brought. */
  readonly push?: string;
  /** What was edited there by hand is lost. */
  readonly force?: boolean;
  readonly disk?: Disk;
}

/** What publishing did. */
export interface Published {
  /** Of the issue's file, from the folder. */
  readonly path: string;
  readonly slug: string;
  /** Of the file's text. */
  readonly contentHash: string;
  /** False: all was there already. */
  readonly isChanged: boolean;
  /** The commit that was made. */
  readonly commit?: string;
  /** Files of an earlier run that was killed, which were completed first. */
  readonly completed: readonly string[];
  /** Files of an earlier run that are there, but that git does not commit or push: publishing them again says so. */
  readonly uncommitted: readonly Uncommitted[];
}

/** A file that was published, and that git refused. */
export interface Uncommitted {
  readonly path: string;
  /** In git's words. */
  readonly reason: string;
}

/** A file was edited, or was never ours: it is not overwritten unless that is asked for. */
export class EditedFileError extends Error {
  override readonly name = 'EditedFileError';
  /** From what is there to what was to be written. */
  readonly diff: string;

  constructor(path: string, isOurs: boolean, diff: string) {
    super(
      `Cannot publish to ${JSON.stringify(path)}: ${isOurs ? 'it was edited since it was published' : 'it is there and was not published from here'}`,
    );
    this.diff = diff;
  }
}

/** The way back after a process was killed: written before the first file is touched, removed when all is done. */
interface Journal {
  readonly path: string;
  /** The mark of the text that was there; undefined: none was. */
  readonly before?: string;
  readonly entry: LedgerEntry;
  readonly message?: string;
  readonly push?: string;
}

const WORK_FOLDER = '.nekube-weekly';
/** The new text, which waits until the journal is written. */
const STAGED = 'staged';

/**
 * Publishes an issue to a folder, or to a git repository.
 *
 * The file is there whole or not at all. A process that is killed leaves a journal, by which the next one completes what it began, and
 * what is there already is neither written nor committed again. An issue's slug is chosen once for its number.
 *
 * @throws EditedFileError: somebody edited the file
 * @throws RepositoryError of git
 * @throws Error: the issue has another slug than it was published with, or another process publishes
 */
export function publishIssue(given: IssueDocument, options: PublishOptions): Published {
  const files = options.disk ?? thisDisk;
  makeFolder(options.to);
  const repository = openRepository(options.to);
  if (repository === undefined && (options.commit || options.push !== undefined)) {
    throw new RepositoryError(
      `Cannot commit: ${JSON.stringify(options.to)} is not in the work tree of a git repository`,
    );
  }
  if (options.push !== undefined) repository?.requireRemote(options.push);
  const work = repository === undefined ? join(options.to, WORK_FOLDER) : join(repository.gitFolder, 'nekube-weekly');
  refuseLinks(options.to, repository === undefined ? [WORK_FOLDER, LEDGER_FILE] : [LEDGER_FILE]);
  const free = lock(files, work);
  try {
    const { completed, uncommitted } = complete(files, work, options, repository);
    const ledger = readLedger(files.read(join(options.to, LEDGER_FILE)));
    const issue = withSlug(normalizeIssue(given), ledger, options);
    const entry = entryOf(issue, options);
    const text = renderIssue(options.format === 'json' ? issue : forReaders(issue), options.format, options);
    const path = pathOf(entry);
    refuseLinks(options.to, [path]);
    const hash = hashOf(text);
    const journal: Journal = {
      path,
      entry: { ...entry, hash },
      ...(!options.commit ? {} : { message: messageOf(issue, options) }),
      ...(options.push === undefined ? {} : { push: options.push }),
    };
    const there = files.read(join(options.to, path));
    const before = there === undefined ? undefined : hashOf(there);
    refuseEdited(path, there, text, ledger.files[path]?.hash, options);
    const isDone = before === hash && ledger.files[path]?.hash === hash;
    if (!isDone) {
      files.write(join(work, STAGED), text);
      files.write(
        join(work, 'journal.json'),
        JSON.stringify({ ...journal, ...(before === undefined ? {} : { before }) }),
      );
    }
    const commit = carryOut(files, work, options.to, journal, repository);
    return {
      path,
      slug: entry.slug,
      contentHash: hash,
      isChanged: !isDone,
      ...(commit === undefined ? {} : { commit }),
      completed,
      uncommitted,
    };
  } finally {
    free();
  }
}

/** Completes what a process that was killed had begun. */
function complete(
  files: Disk,
  work: string,
  options: PublishOptions,
  repository: Repository | undefined,
): Pick<Published, 'completed' | 'uncommitted'> {
  const nothing = { completed: [], uncommitted: [] };
  const text = files.read(join(work, 'journal.json'));
  const staged = files.read(join(work, STAGED));
  if (text === undefined) {
    // nothing says what file it is the text of
    if (staged !== undefined) files.remove(join(work, STAGED));
    return nothing;
  }
  const journal = JSON.parse(text) as Journal;
  refuseLinks(options.to, [journal.path]);
  const there = files.read(join(options.to, journal.path));
  if (staged !== undefined && isEdited(there, staged, journal.before)) {
    // whoever publishes that issue again is told so, and nobody else
    files.remove(join(work, 'journal.json'));
    files.remove(join(work, STAGED));
    return nothing;
  }
  try {
    carryOut(files, work, options.to, journal, repository);
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    return { completed: [], uncommitted: [{ path: journal.path, reason: error.message }] };
  }
  return { completed: [journal.path], uncommitted: [] };
}

/**
 * Does what a journal says; each step can be done twice. Gives the commit that it made.
 *
 * @throws RepositoryError: git refuses, as a hook does. The file is there, and publishing it again commits it, so that no journal is kept
 *   that would hold up other issues
 */
function carryOut(
  files: Disk,
  work: string,
  to: string,
  { path, entry, message, push }: Journal,
  repository: Repository | undefined,
): string | undefined {
  if (files.read(join(work, STAGED)) !== undefined) files.move(join(work, STAGED), join(to, path));
  const ledger = readLedger(files.read(join(to, LEDGER_FILE)));
  const next = writeLedger({ files: { ...ledger.files, [path]: entry } });
  if (files.read(join(to, LEDGER_FILE)) !== next) files.write(join(to, LEDGER_FILE), next);
  try {
    const commit = message === undefined ? undefined : repository?.commit([path, LEDGER_FILE], message);
    if (push !== undefined) repository?.push(push);
    return commit;
  } finally {
    files.remove(join(work, 'journal.json'));
  }
}

/** A file may be overwritten that is as we left it, and that is as it is to be. */
function refuseEdited(
  path: string,
  there: string | undefined,
  text: string,
  known: string | undefined,
  { force }: PublishOptions,
): void {
  if (force || !isEdited(there, text, known)) return;
  throw new EditedFileError(path, known !== undefined, lineDiff(there!, text));
}

function isEdited(there: string | undefined, text: string, known: string | undefined): boolean {
  return there !== undefined && there !== text && hashOf(there) !== known;
}

/** The issue with the slug that its number was published with, or a new one. */
function withSlug(
  issue: IssueDocument,
  { files }: Ledger,
  { format, language = issue.language }: PublishOptions,
): IssueDocument {
  const before = Object.values(files).find(
    (entry) =>
      issue.number !== undefined &&
      entry.number === issue.number &&
      entry.format === format &&
      entry.language === language,
  );
  const slug = baseSlug(issue);
  const wanted = language === issue.language ? slug : `${slug}-${language.toLowerCase()}`;
  if (before !== undefined && issue.slug !== undefined && before.slug !== wanted) {
    throw new Error(
      `Cannot publish issue ${issue.number} as ${JSON.stringify(wanted)}: it was published as ${JSON.stringify(before.slug)}, and its address must stay`,
    );
  }
  return { ...issue, slug: before?.slug ?? wanted };
}

function entryOf(
  issue: IssueDocument,
  { format, language = issue.language }: PublishOptions,
): Omit<LedgerEntry, 'hash'> {
  const { slug, number } = issue;
  return { slug: slug!, language, format, ...(number === undefined ? {} : { number }) };
}

/** The slug of an issue that has none: its title's words, and its number, so that it is the same every time. */
export function baseSlug({ slug, title, number, date }: IssueDocument): string {
  if (slug !== undefined) return slug;
  const words = title
    .toLowerCase()
    .replace(/\d{4}-\d{2}-\d{2}|#?\d+/g, ' ')
    .match(/[a-z0-9]+/g);
  const name = (words ?? ['weekly']).join('-').slice(0, 38).replace(/-+$/, '');
  const end = number === undefined ? (date ?? 'draft') : String(number).padStart(4, '0');
  const made = `${name}-${end}`;
  return made.length < 12 ? `${name}-issue-${end}`.padStart(12, 'w') : made;
}

const FOLDERS: Partial<Record<IssueFormat, string>> = { zenn: 'articles/' };
const ENDINGS: Record<IssueFormat, string> = { zenn: 'md', markdown: 'md', html: 'html', email: 'eml', json: 'json' };

function pathOf({ slug, format }: Pick<LedgerEntry, 'slug' | 'format'>): string {
  if (!/^[\w-][\w.-]*$/.test(slug))
    throw new Error(
      `Cannot publish as ${JSON.stringify(slug)}: a slug must be a file's name, of letters, digits, - and _`,
    );
  return `${FOLDERS[format as IssueFormat] ?? ''}${slug}.${ENDINGS[format as IssueFormat]}`;
}

function messageOf({ title, number }: IssueDocument, { commit }: PublishOptions): string {
  if (typeof commit === 'string') return commit;
  return number === undefined || title.includes(String(number)) ? `Publish ${title}` : `Publish ${title} (${number})`;
}

/** One process at a time; what a process left that is gone is taken over. */
function lock(files: Disk, work: string): () => void {
  const path = join(work, 'lock');
  const mark = processMark(process.pid)!;
  if (files.claim(path, mark)) return () => files.remove(path);
  const holder = files.read(path) ?? '';
  if (holder === mark || !isMarkAlive(holder)) {
    // by moving it away one of several takes it, and sees what it took
    const taken = `${path}.${process.pid}`;
    files.move(path, taken);
    const was = files.read(taken);
    files.remove(taken);
    if (was === holder && files.claim(path, mark)) return () => files.remove(path);
  }
  throw new Error(`Cannot publish: process ${holder.split(' ')[0]} publishes to the same place`);
}
