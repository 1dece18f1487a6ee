/** What can be wrong with a document from outside; `message` is for people, and says what was done about it. */
export interface Defect {
  readonly code: DefectCode;
  readonly message: string;
  /** Counted from 1, where it is known. */
  readonly line?: number;
}

/** The kinds of defects. They are part of what is stored of a feed, so none is renamed. */
export type DefectCode =
  | 'BadDate'
  | 'ControlCharacter'
  | 'DoubleEscaped'
  | 'DuplicateAttribute'
  | 'EncodingConflict'
  | 'EncodingUndeclared'
  | 'EncodingUnknown'
  | 'EncodingWrong'
  | 'EntityDeclaration'
  | 'EntityUndefined'
  | 'InvalidBytes'
  | 'InvalidJSON'
  | 'JunkBefore'
  | 'MarkupBroken'
  | 'NamespaceMissing'
  | 'NotAFeed'
  | 'NotClosed'
  | 'NotNested'
  | 'TooDeep'
  | 'TooMany'
  | 'Truncated';
