/** Where and in what a reader found its defect; a reader fills in what it knows. */
export interface ParseErrorPlace {
  /** The field, e.g. `spec.containers[0].name`. */
  readonly path?: string;
  /** Offset in UTF-16 units (text) or bytes (binary), from 0. */
  readonly offset?: number;
  /** Line, from 1. */
  readonly line?: number;
  /** The text of that line, without its line break. */
  readonly sourceLine?: string;
}

/**
 * What a reader throws at malformed input; the message is the one of the Go library that kube-apiserver reads with.
 *
 * It says nothing about what was being read: the caller puts that in front.
 */
export class ParseError extends Error {
  readonly path: string | undefined;
  readonly offset: number | undefined;
  readonly line: number | undefined;
  readonly sourceLine: string | undefined;

  constructor(message: string, place: ParseErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ParseError';
    this.path = place.path;
    this.offset = place.offset;
    this.line = place.line;
    this.sourceLine = place.sourceLine;
  }
}

/** Tells a ParseError, also one from another copy of this package. */
export function isParseError(e: unknown): e is ParseError {
  return e instanceof Error && e.name === 'ParseError';
}

/** Line number and text of the line around an offset of a text. */
export function placeAt(text: string, offset: number): ParseErrorPlace {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < start; i = text.indexOf('\n', i + 1)) line++;
  return { offset, line, sourceLine: text.slice(start, end < 0 ? text.length : end).slice(0, 200) };
}
