/** How much a finding matters: an error hides a value, a warning may mislead, a note is good to know. */
export const LEVELS = ['error', 'warning', 'note'] as const;
/** How much a finding matters. */
export type Level = (typeof LEVELS)[number];

/** A line of a file that is to be another; `text` of several lines puts them all there. */
export interface LineEdit {
  /** From 1. */
  readonly line: number;
  readonly before: string;
  readonly text: string;
}

/** Something of the repository that is not as it should be. */
export interface Finding {
  /** From the root of the checkout. */
  readonly file: string;
  /** From 1; absent: the file as a whole. */
  readonly line?: number;
  readonly level: Level;
  /** What kind of finding it is: `status-unknown`. */
  readonly rule: string;
  readonly message: string;
  /** How to mend it, where that is sure. */
  readonly edit?: LineEdit;
}

/** Findings in the order of files and lines. */
export function byPlace(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : (a.line ?? 0) - (b.line ?? 0);
}
