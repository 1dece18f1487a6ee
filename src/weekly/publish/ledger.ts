import { createHash } from 'node:crypto';
import type { AtomOptions } from '../render/atom.ts';

/** What was published to a folder: by the path of the file, from the folder. */
export interface Ledger {
  readonly files: Readonly<Record<string, LedgerEntry>>;
  /** What the feed that is kept there says of itself; absent: none is kept. */
  readonly feed?: AtomOptions;
}

/** What a file was when we wrote it. */
export interface LedgerEntry {
  /** Of its text. */
  readonly hash: string;
  readonly slug: string;
  readonly language: string;
  readonly format: string;
  /** The number of its issue. */
  readonly number?: number;
  /** As the issue had it, if readers are to see it: what holds it back until then is where it is read. */
  readonly publishedAt?: string;
}

/** The ledger's file in the folder: it travels with it, so that every machine knows what was published. */
export const LEDGER_FILE = '.nekube-weekly.json';

/**
 * Reads the text of a ledger; none is an empty one.
 *
 * @throws Error: it is not a ledger
 */
export function readLedger(text: string | undefined): Ledger {
  if (text === undefined) return { files: {} };
  const found = parsed(text);
  if (typeof found?.files !== 'object' || found.files === null) {
    throw new Error(`Cannot read ${LEDGER_FILE}: it does not say which files were published`);
  }
  for (const [path, entry] of Object.entries(found.files))
    if (typeof entry?.hash !== 'string' || typeof entry.slug !== 'string')
      throw new Error(`Cannot read ${LEDGER_FILE}: it does not say what ${JSON.stringify(path)} was`);
  return found as Ledger;
}

function parsed(text: string): Partial<Ledger> | undefined {
  try {
    return JSON.parse(text) as Partial<Ledger>;
  } catch (cause) {
    throw new Error(`Cannot read ${LEDGER_FILE}: ${(cause as Error).message}`, { cause });
  }
}

/** The ledger as text, in the order of the paths: the same entries make the same text. */
export function writeLedger({ files, feed }: Ledger): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...(feed === undefined ? {} : { feed }), files: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** The mark of a text. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Whether a file has a text. What git makes of the ends of lines in a work tree, as it does where `core.autocrlf` is set, is no other text.
 */
export function hasText(there: string | undefined, text: string): boolean {
  return there === text || (there !== undefined && unixLines(there) === unixLines(text));
}

/** Whether a file has the text of a mark, whatever the ends of its lines became. */
export function hasHash(there: string, hash: string | undefined): boolean {
  const lines = unixLines(there);
  return [there, lines, lines.replaceAll('\n', '\r\n')].some((text) => hashOf(text) === hash);
}

/** A text with the ends of lines that all of ours but mails have. */
export function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
