import { join } from 'node:path';
import { isMarkAlive, makeFolder, processMark } from 'nekube/files';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { forReaders } from '../issue/readers.ts';
import { type IssueFormat, renderIssue } from '../render/render-issue.ts';
import type { RenderOptions } from '../render/html-page.ts';
import { type Disk, diskBelow, refuseLinks } from './disk.ts';
import { inTurn } from './in-turn.ts';
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
  /** The disk to write a folder's files with; default: this machine's. */
  readonly disk?: (folder: string) => Disk;
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
  /** The branch that it was begun on. */
  readonly branch?: string;
}

const WORK_FOLDER = '.nekube-weekly';
/** The new text, which waits until the journal is written. */
const STAGED = 'staged';
const JOURNAL = 'journal.json';

/**
 * Publishes an issue to a folder, or to a git repository.
 *
 * The file is there whole or not at all. A process that is killed leaves a journal, by which the next one completes what it began, and
 * what is there already is neither written nor committed again. An issue's slug is chosen once for its number.
 *
 * Rejects with an EditedFileError where somebody edited the file, a RepositoryError of git, and an Error if the issue has another slug than
 * it was published with, that of another issue, or another process publishes.
 */
export async function publishIssue(given: IssueDocument, options: PublishOptions): Promise<Published> {
  const { to, push } = options;
  const files = (options.disk ?? diskBelow)(to);
  makeFolder(to);
  const repository = await openRepository(to);
  if (repository === undefined && (options.commit || push !== undefined)) {
    throw new RepositoryError(`Cannot commit: ${JSON.stringify(to)} is not in the work tree of a git repository`);
  }
  if (options.commit) await repository?.requireCommit();
  if (push !== undefined) await repository?.requireRemote(push);
  const work = repository === undefined ? join(to, WORK_FOLDER) : join(repository.gitFolder, 'nekube-weekly');
  refuseLinks(to, repository === undefined ? [WORK_FOLDER, LEDGER_FILE] : [LEDGER_FILE]);
  return await inTurn(work, async () => {
    const free = lock(files, work);
    try {
      return await publishTo({ files, work, to, repository }, given, options);
    } finally {
      free();
    }
  });
}

/** Where is published, and with what. */
interface Place {
  readonly files: Disk;
  /** Where the journal is. */
  readonly work: string;
  readonly to: string;
  readonly repository: Repository | undefined;
}

async function publishTo(place: Place, given: IssueDocument, options: PublishOptions): Promise<Published> {
  const { files, work, to, repository } = place;
  const { completed, uncommitted } = await complete(place);
  const ledger = readLedger(files.read(join(to, LEDGER_FILE)));
  const issue = withSlug(normalizeIssue(given), ledger, options);
  const entry = entryOf(issue, options);
  const text = renderIssue(options.format === 'json' ? issue : forReaders(issue), options.format, options);
  const path = pathOf(entry);
  refuseLinks(to, [path]);
  refuseOthers(path, entry, ledger);
  const hash = hashOf(text);
  const there = files.read(join(to, path));
  const before = there === undefined ? undefined : hashOf(there);
  const journal: Journal = {
    path,
    entry: { ...entry, hash },
    ...(before !== undefined && { before }),
    ...(options.commit && { message: messageOf(issue, options) }),
    ...(options.push !== undefined && { push: options.push }),
    ...(repository?.branch !== undefined && { branch: repository.branch }),
  };
  refuseEdited(path, there, text, ledger.files[path]?.hash, options);
  const isDone = before === hash && ledger.files[path]?.hash === hash;
  if (!isDone) {
    files.write(join(work, STAGED), text);
    files.write(join(work, JOURNAL), JSON.stringify(journal));
  }
  const commit = await carryOut(place, journal);
  return {
    path,
    slug: entry.slug,
    contentHash: hash,
    isChanged: !isDone,
    ...(commit !== undefined && { commit }),
    completed,
    uncommitted,
  };
}

/** Completes what a process that was killed had begun. */
async function complete(place: Place): Promise<Pick<Published, 'completed' | 'uncommitted'>> {
  const nothing = { completed: [], uncommitted: [] };
  const { files, work, to, repository } = place;
  const text = files.read(join(work, JOURNAL));
  const staged = files.read(join(work, STAGED));
  if (text === undefined) {
    // nothing says what file it is the text of
    if (staged !== undefined) files.remove(join(work, STAGED));
    return nothing;
  }
  const journal = JSON.parse(text) as Journal;
  refuseLinks(to, [journal.path]);
  const there = files.read(join(to, journal.path));
  // edited since, or taken away, as by git: whoever publishes that issue again is told so, or writes it again, and nobody else
  const isOvertaken =
    staged === undefined
      ? there === undefined || hashOf(there) !== journal.entry.hash
      : isEdited(there, staged, journal.before);
  // it was meant for another branch, where it is published when it is asked for again
  const isElsewhere = journal.branch !== undefined && journal.branch !== repository?.branch;
  if (isOvertaken || isElsewhere) {
    files.remove(join(work, JOURNAL));
    files.remove(join(work, STAGED));
    return nothing;
  }
  try {
    await carryOut(place, journal);
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    return { completed: [], uncommitted: [{ path: journal.path, reason: error.message }] };
  }
  return { completed: [journal.path], uncommitted: [] };
}

/**
 * Does what a journal says; each step can be done twice. Gives the commit that it made.
 *
 * Rejects with a RepositoryError where git refuses, as a hook does. The file is there, and publishing it again commits it, so that no journal
 * is kept that would hold up other issues.
 */
async function carryOut({ files, work, to, repository }: Place, journal: Journal): Promise<string | undefined> {
  const { path, entry, message, push } = journal;
  if (files.read(join(work, STAGED)) !== undefined) files.move(join(work, STAGED), join(to, path));
  const ledger = readLedger(files.read(join(to, LEDGER_FILE)));
  const next = writeLedger({ files: { ...ledger.files, [path]: entry } });
  if (files.read(join(to, LEDGER_FILE)) !== next) files.write(join(to, LEDGER_FILE), next);
  try {
    const commit = message === undefined ? undefined : await repository?.commit([path, LEDGER_FILE], message);
    if (push !== undefined) await repository?.push(push);
    return commit;
  } finally {
    files.remove(join(work, JOURNAL));
  }
}

/** What is published of one issue never takes the place of another. */
function refuseOthers(path: string, { number, slug }: Omit<LedgerEntry, 'hash'>, { files }: Ledger): void {
  const there = files[path];
  if (there?.number === undefined || number === undefined || there.number === number) return;
  throw new Error(
    `Cannot publish issue ${number} as ${JSON.stringify(slug)}: issue ${there.number} is published there; give it another slug`,
  );
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
    const taken = `${path}.taken-${process.pid}`;
    files.move(path, taken);
    const was = files.read(taken);
    files.remove(taken);
    if (was === holder && files.claim(path, mark)) return () => files.remove(path);
    // another was faster, and works
    if (was !== undefined && was !== holder) files.claim(path, was);
  }
  throw new Error(`Cannot publish: process ${holder.split(' ')[0]} publishes to the same place`);
}
