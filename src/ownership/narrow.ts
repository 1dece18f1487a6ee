import type { FieldPath } from 'nekube/smd';
import type { BlamedLine } from './blame.ts';

/** Tells which fields are meant; `PathPattern` of nekube/smd is one. */
export interface FieldChoice {
  matches(path: FieldPath): boolean;
}

/** A line that is left of an object's YAML. */
export interface NarrowedLine {
  readonly line: BlamedLine;
  /** True if it shows nothing that was asked for, and is there since it leads to what was. */
  readonly leading: boolean;
}

/** The lines that show what is chosen, and those that lead to them: what is left is YAML that can be read. */
export function narrow(lines: readonly BlamedLine[], choice: FieldChoice): NarrowedLine[] {
  const kept: NarrowedLine[] = [];
  /** By depth, the line on which the field begins that leads to the current one; undefined once it is kept. */
  const leading: (BlamedLine | undefined)[] = [];
  let matches = false;
  for (const line of lines) {
    const depth = line.path.length;
    if (!line.continued) {
      matches = choice.matches(line.path);
      leading.length = depth - line.begun;
    }
    if (matches) kept.push(...leadingLines(leading), { line, leading: false });
    if (line.continued) continue;
    // what has been printed leads nowhere any more
    if (matches) leading.fill(undefined);
    for (let i = 0; i < line.begun; i++) leading.push(matches ? undefined : line);
  }
  return kept;
}

/** Each once: an item and its first field may begin on the same line. */
function leadingLines(lines: readonly (BlamedLine | undefined)[]): NarrowedLine[] {
  return [...new Set(lines)].flatMap((line) => (line === undefined ? [] : [{ line, leading: true }]));
}
