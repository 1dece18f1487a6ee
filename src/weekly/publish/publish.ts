import { join } from 'node:path';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { readArchive } from '../archive/archive.ts';
import { waitsUntil } from '../issue/publication-time.ts';
import { forReaders } from '../issue/readers.ts';
import { translatedAndMarked } from '../issue/gap-marks.ts';
import { readIssue } from '../markdown/read-issue.ts';
import type { AtomOptions } from '../render/atom.ts';
import { type IssueFormat, renderIssue } from '../render/render-issue.ts';
import type { RenderOptions } from '../render/html-page.ts';
import { entryOf, isPublishedPath, pathOf, refuseOthers, withSlug } from './address.ts';
import { type Disk, refuseLinks } from './disk.ts';
import { FEED_FILE, feedWith, lackingIn } from './feed.ts';
import { inTurn } from './in-turn.ts';
import { begin, carryOut, type Change, complete, isEdited, type Journal, type Uncommitted } from './journal.ts';
import { hashOf, hasText, type Ledger, LEDGER_FILE, type LedgerEntry, readLedger, unixLines } from './ledger.ts';
import { lineDiff } from './line-diff.ts';
import { lock } from './lock.ts';
import { openPlace, type Place, type PlaceOptions } from './place.ts';

/** Where to an issue is published, and how. */
export interface PublishOptions extends RenderOptions, PlaceOptions {
  readonly format: IssueFormat;
  /** What was edited there by hand is lost. */
  readonly force?: boolean;
  /** The time, by which a feed has what was scheduled; default: that of this machine. */
  readonly now?: Date;
}

/** What publishing did. */
export interface Published {
  /** Of the issue's file, from the folder. */
  readonly path: string;
  readonly slug: string;
  /** Of the file's text. */
  readonly contentHash: string;
  /** False: all was there already, or it waits. */
  readonly isChanged: boolean;
  /** It is a page or mail for later, which is published from then on: what readers have stays as it is. */
  readonly waitsUntil?: Date;
  /** The commit that was made. */
  readonly commit?: string;
  /** Files of an earlier run that was killed, which were completed first. */
  readonly completed: readonly string[];
  /** Files of an earlier run that are there, but that git does not commit or push: publishing them again says so. */
  readonly uncommitted: readonly Uncommitted[];
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
  return await publishTo(await openPlace(options), given, options);
}

/** Publishes an issue to a place that is open, as `publishIssue` says. */
export async function publishTo(place: Place, given: IssueDocument, options: PublishOptions): Promise<Published> {
  return await inPlace(place, async ({ ledger, ...before }) => {
    const issue = withSlug(normalizeIssue(given), ledger, options);
    const entry = entryOf(issue, options);
    const text = renderIssue(options.format === 'json' ? issue : forReaders(issue), options.format, options);
    const path = pathOf(entry);
    refuseOthers(path, entry, ledger);
    const file = { path, text, entry: { ...entry, hash: hashOf(text) } };
    const { force = false, commit, push, format, now = new Date() } = options;
    const waits = waitsUntil(issue, format, now);
    const result = { path, slug: entry.slug, contentHash: file.entry.hash, ...before };
    if (waits !== undefined) {
      stagedOf(place, ledger, [file], force);
      return { ...result, isChanged: false, waitsUntil: waits };
    }
    const done = await apply(place, ledger, [file, ...feedChange(place, ledger, issue, options)], {
      force,
      ...(commit && { message: messageOf(issue, options) }),
      ...(push !== undefined && { push }),
    });
    return { ...result, ...done };
  });
}

/** What a feed that is kept in a folder says of itself. */
export interface KeptFeedOptions extends AtomOptions {
  /** The folder that issues are published to. */
  readonly to: string;
  /** What was edited in it by hand is lost. */
  readonly force?: boolean;
  /** As in `PublishOptions`. */
  readonly now?: Date;
}

/**
 * Makes an Atom feed of the published issues in Markdown of a folder, beside them: from then on whatever is published there changes it in
 * the same step. Rejects with an EditedFileError where a file is in its place that was edited, or is not ours.
 */
export async function keepFeed(
  options: KeptFeedOptions,
): Promise<{ readonly path: string; readonly isChanged: boolean }> {
  const { title, url, author, to, force = false, now = new Date() } = options;
  const feed = { title, url, author };
  const place = await openPlace(options);
  return await inPlace(place, async ({ ledger }) => {
    const text = feedWith(undefined, pastIssues(to), feed, now);
    const { isChanged } = await apply(place, ledger, [feedFile(text)], { force, feed });
    return { path: FEED_FILE, isChanged };
  });
}

type Before = Pick<Published, 'completed' | 'uncommitted'> & { readonly ledger: Ledger };

/** Gives a place to whoever changes it, one at a time, when what was begun before is completed. */
async function inPlace<T>(place: Place, use: (before: Before) => Promise<T>): Promise<T> {
  const { files, work, to } = place;
  return await inTurn(work, async () => {
    const free = lock(files, work);
    try {
      const before = await complete(place);
      return await use({ ...before, ledger: readLedger(files.read(join(to, LEDGER_FILE))) });
    } finally {
      free();
    }
  });
}

/** Refuses what was edited, then writes what is not there yet, and commits what is not committed. */
async function apply(
  place: Place,
  ledger: Ledger,
  changes: readonly Change[],
  { force, ...more }: Omit<Journal, 'files' | 'branch'> & { readonly force: boolean },
): Promise<Pick<Published, 'isChanged' | 'commit'>> {
  const staged = stagedOf(place, ledger, changes, force);
  const journal: Journal = { ...more, files: changes.map(({ path, entry }) => ({ path, entry })) };
  const commit = await carryOut(place, staged.length === 0 ? journal : begin(place, staged, journal));
  return { isChanged: staged.length > 0, ...(commit !== undefined && { commit }) };
}

/** What is not there yet. @throws EditedFileError if it would take the place of what somebody edited */
function stagedOf({ files, to }: Place, ledger: Ledger, changes: readonly Change[], force: boolean): readonly Change[] {
  refuseLinks(
    to,
    changes.map(({ path }) => path),
  );
  return changes.filter(({ path, text, entry }) => {
    const there = files.read(join(to, path));
    const known = ledger.files[path]?.hash;
    if (!force && isEdited(there, text, known))
      throw new EditedFileError(path, known !== undefined, lineDiff(there!, text));
    return !hasText(there, text) || known !== entry.hash;
  });
}

/** The feed of the folder with the issue, if one is kept there, and with what was scheduled and whose time has come. */
function feedChange({ files, to }: Place, ledger: Ledger, issue: IssueDocument, options: PublishOptions): Change[] {
  const { feed } = ledger;
  if (feed === undefined) return [];
  const { language = issue.language, now = new Date() } = options;
  const read = files.read(join(to, FEED_FILE));
  const there = read === undefined ? undefined : unixLines(read);
  const past =
    there === undefined ? pastIssues(to) : dueIssues(files, to, lackingIn(there, markdownOf(ledger), feed, now));
  const shown = translatedAndMarked(normalizeIssue(forReaders(issue)), language);
  return [feedFile(feedWith(there, [...past, shown], feed, now))];
}

/** What was published from here in a form that can be read again. */
function markdownOf({ files }: Ledger): readonly (readonly [path: string, entry: LedgerEntry])[] {
  return Object.entries(files).filter(([path]) => isPublishedPath(path) && path.endsWith('.md'));
}

/** The issues of files, but those that cannot be read, or are links by now. */
function dueIssues(files: Disk, to: string, paths: readonly string[]): readonly IssueDocument[] {
  return paths.flatMap((path) => {
    try {
      const text = files.read(join(to, path));
      return text === undefined ? [] : [readIssue(text, { fileName: path }).issue];
    } catch {
      return [];
    }
  });
}

function feedFile(text: string): Change {
  return { path: FEED_FILE, text, entry: { hash: hashOf(text), slug: 'feed', language: '', format: 'atom' } };
}

function pastIssues(folder: string): readonly IssueDocument[] {
  return readArchive(folder).issues.map(({ issue }) => issue);
}

function messageOf({ title, number }: IssueDocument, { commit }: PublishOptions): string {
  if (typeof commit === 'string') return commit;
  return number === undefined || title.includes(String(number)) ? `Publish ${title}` : `Publish ${title} (${number})`;
}
