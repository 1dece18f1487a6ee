import type { Entry } from './storage.ts';

/** What is kept of a version; the entry is absent for a deletion. */
export interface JournalRecord {
  readonly key: string;
  readonly revision: number;
  readonly entry: Entry | undefined;
}

/** What becomes durable together, or not at all. */
export interface Commit {
  /** New records, in the order of their revisions. */
  readonly records: readonly JournalRecord[];
  /** Revisions of records to delete. */
  readonly gone: readonly number[];
  /** The compacted revision from now on; absent: as before. */
  readonly compacted: number | undefined;
}

/** Where a store keeps its records: the thin edge. One commit at a time. */
export interface Journal {
  /** Resolves when all of it would survive a crash; rejects if none of it was done. */
  commit(commit: Commit): Promise<void>;
  close(): Promise<void>;
}
