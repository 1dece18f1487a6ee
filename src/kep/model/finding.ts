/** How much a finding matters: an error hides a value, a warning may mislead, a note is good to know. */
export const LEVELS = ['error', 'warning', 'note'] as const;
/** How much a finding matters. */
export type Level = (typeof LEVELS)[number];

/** Every kind of finding that there is. */
export const RULES = [
  'yaml',
  'yaml-versions',
  'duplicate-field',
  'field-unknown',
  'field-missing',
  'not-a-list',
  'not-a-text',
  'not-a-mapping',
  'not-a-boolean',
  'status-unknown',
  'stage-unknown',
  'implemented-not-stable',
  'milestone-form',
  'milestone-unknown',
  'milestone-order',
  'date-form',
  'date-unknown',
  'placeholder',
  'copied-template',
  'number-unknown',
  'number-differs',
  'number-twice',
  'number-zero',
  'folder-name',
  'owner-differs',
  'nested',
  'link',
  'template',
  'test-data',
  'reference-dangling',
  'reference-moved',
  'reference-form',
  'list-empty',
  'gate-form',
  'gate-name',
  'gate-without-name',
  'group-without-keps',
  'readiness-name',
  'readiness-number',
  'readiness-without-kep',
  'readme-missing',
] as const;
/** A kind of finding. */
export type Rule = (typeof RULES)[number];

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
  /** What kind of finding it is: `status-unknown`. A {@link Rule}; a server may have those of another version. */
  readonly rule: string;
  readonly message: string;
  /** How to mend it, where that is sure. */
  readonly edit?: LineEdit;
}

/** Findings in the order of files and lines. */
export function byPlace(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : (a.line ?? 0) - (b.line ?? 0);
}
