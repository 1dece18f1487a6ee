import { join } from 'node:path';
import type { AtomOptions } from '../render/atom.ts';
import { isPublishedPath } from './address.ts';
import { refuseLinks } from './disk.ts';
import { hasHash, hashOf, hasText, LEDGER_FILE, type LedgerEntry, readLedger, writeLedger } from './ledger.ts';
import type { Place } from './place.ts';
import { RepositoryError } from './repository.ts';

/** A file as it is to be. */
export interface Change {
  /** From the folder. */
  readonly path: string;
  readonly text: string;
  readonly entry: LedgerEntry;
}

/** The way back after a process was killed: written before the first file is touched, removed when all is done. */
export interface Journal {
  readonly files: readonly FileOfJournal[];
  /** What the feed that is kept says of itself; absent: as it does. */
  readonly feed?: AtomOptions;
  readonly message?: string;
  readonly push?: string;
  /** The branch that it was begun on. */
  readonly branch?: string;
}

interface FileOfJournal {
  readonly path: string;
  readonly entry: LedgerEntry;
  /** The mark of the text that was there; undefined: none was. */
  readonly before?: string;
  /** Where its new text waits until it takes its place; absent: it is there. */
  readonly staged?: string;
}

/** A file that was published, and that git refused. */
export interface Uncommitted {
  readonly path: string;
  /** In git's words. */
  readonly reason: string;
}

const JOURNAL = 'journal.json';
/** Where new texts wait; there are at most two, of an issue and of the feed. */
const STAGED = ['staged-0', 'staged-1'] as const;

/** Begins to change files: the texts wait, and the journal, which is given, says what is to be done with them. */
export function begin({ files, work, to, repository }: Place, changes: readonly Change[], journal: Journal): Journal {
  const staged = changes.map(({ path, text, entry }, i): FileOfJournal => {
    const there = files.read(join(to, path));
    files.write(join(work, STAGED[i]!), text);
    return { path, entry, staged: STAGED[i]!, ...(there === undefined ? {} : { before: hashOf(there) }) };
  });
  const others = journal.files.filter(({ path }) => !staged.some((one) => one.path === path));
  const branch = repository?.branch;
  const begun = { ...journal, ...(branch !== undefined && { branch }), files: [...staged, ...others] };
  files.write(join(work, JOURNAL), JSON.stringify(begun));
  return begun;
}

/** Completes what a process that was killed had begun. */
export async function complete(place: Place): Promise<{
  readonly completed: readonly string[];
  readonly uncommitted: readonly Uncommitted[];
}> {
  const { files, work, to, repository } = place;
  const text = files.read(join(work, JOURNAL));
  if (text === undefined) {
    // nothing says what files they are the texts of
    for (const name of STAGED) if (files.read(join(work, name)) !== undefined) files.remove(join(work, name));
    return { completed: [], uncommitted: [] };
  }
  const journal = readJournal(text, join(work, JOURNAL));
  refuseLinks(
    to,
    journal.files.map(({ path }) => path),
  );
  // it was meant for another branch, where it is published when it is asked for again
  const isElsewhere = journal.branch !== undefined && journal.branch !== repository?.branch;
  const lost = journal.files.filter((file) => isElsewhere || isOvertaken(place, file));
  const left = journal.files.filter((file) => !lost.includes(file));
  if (left.length === 0) files.remove(join(work, JOURNAL));
  for (const { staged } of lost) if (staged !== undefined) files.remove(join(work, staged));
  if (left.length === 0) return { completed: [], uncommitted: [] };
  const paths = left.map(({ path }) => path);
  try {
    await carryOut(place, { ...journal, files: left });
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    return { completed: [], uncommitted: paths.map((path) => ({ path, reason: error.message })) };
  }
  return { completed: paths, uncommitted: [] };
}

/** @throws Error for what is no journal of ours: a folder may be of others, who may write into it */
function readJournal(text: string, path: string): Journal {
  const found = parsed(text);
  if (Array.isArray(found?.files) && found.files.every(isOurs)) return found as Journal;
  throw new Error(`Cannot read ${JSON.stringify(path)}: it is not what a publisher leaves; remove it to publish`);
}

function parsed(text: string): Partial<Journal> | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as Partial<Journal> | undefined;
  } catch {
    return undefined;
  }
}

/** What we never publish was written there by somebody else, to have it written elsewhere. */
function isOurs(file: Partial<FileOfJournal> | null): boolean {
  const { path, entry, staged } = file ?? {};
  const isStaged = staged === undefined || STAGED.some((name) => name === staged);
  return typeof path === 'string' && isPublishedPath(path) && isStaged && typeof entry?.hash === 'string';
}

/** Edited since, or taken away, as by git: whoever publishes it again is told so, or writes it again, and nobody else. */
function isOvertaken({ files, work, to }: Place, { path, entry, before, staged }: FileOfJournal): boolean {
  const there = files.read(join(to, path));
  const waits = staged === undefined ? undefined : files.read(join(work, staged));
  if (waits === undefined) return there === undefined || hashOf(there) !== entry.hash;
  return isEdited(there, waits, before);
}

/**
 * Does what a journal says; each step can be done twice. Gives the commit that it made.
 *
 * Rejects with a RepositoryError where git refuses, as a hook does. The files are there, and publishing them again commits them, so that no
 * journal is kept that would hold up others.
 */
export async function carryOut({ files, work, to, repository }: Place, journal: Journal): Promise<string | undefined> {
  for (const { path, staged } of journal.files)
    if (staged !== undefined && files.read(join(work, staged)) !== undefined)
      files.move(join(work, staged), join(to, path));
  const ledger = readLedger(files.read(join(to, LEDGER_FILE)));
  const entries = Object.fromEntries(journal.files.map(({ path, entry }) => [path, entry]));
  const feed = journal.feed ?? ledger.feed;
  const next = writeLedger({ files: { ...ledger.files, ...entries }, ...(feed === undefined ? {} : { feed }) });
  if (!hasText(files.read(join(to, LEDGER_FILE)), next)) files.write(join(to, LEDGER_FILE), next);
  const { message, push } = journal;
  try {
    const paths = [...journal.files.map(({ path }) => path), LEDGER_FILE];
    const commit = message === undefined ? undefined : await repository?.commit(paths, message);
    if (push !== undefined) await repository?.push(push);
    return commit;
  } finally {
    files.remove(join(work, JOURNAL));
  }
}

/** A file may be overwritten that is as we left it, and that is as it is to be. */
export function isEdited(there: string | undefined, text: string, known: string | undefined): boolean {
  return there !== undefined && !hasText(there, text) && !hasHash(there, known);
}
