import { type FieldError, internalFieldError, type Path } from 'nekube/apimachinery';

/** How texts of a list are read, and what is said of a text that cannot be. */
interface Reader {
  /** The family of an address or block; undefined for a text that is none. */
  familyOf(text: string): number | undefined;
  /** Ends the internal error about the text at this position. */
  problem(text: string, position: number): string;
}

/**
 * The errors of a list of addresses or blocks that has several but not exactly one of each family; `tooMany` is the
 * error about that. A text that is none is an internal error as well, as in kube-apiserver.
 */
export function dualStackErrors(
  texts: readonly string[],
  path: Path,
  reader: Reader,
  tooMany: FieldError,
): FieldError[] {
  if (texts.length < 2) return [];
  const families = texts.map((text) => reader.familyOf(text));
  const bad = families.indexOf(undefined);
  if (bad >= 0) return [internalFieldError(path, reader.problem(texts[bad]!, bad)), tooMany];
  return texts.length === 2 && families[0] !== families[1] ? [] : [tooMany];
}
