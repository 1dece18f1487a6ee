import { type FieldPath, formatPath } from '../fieldpath/path.ts';
import type { FieldSet } from '../fieldpath/set.ts';
import { quote } from '../value/go-format.ts';
import { compareStrings } from '../value/strings.ts';

/** A field that an apply would change and another manager owns. */
export interface Conflict {
  readonly manager: string;
  readonly path: FieldPath;
}

/** Why an apply without force was refused: its conflicts, by manager, then in the order of a set's paths. */
export class Conflicts {
  readonly list: readonly Conflict[];

  constructor(list: readonly Conflict[]) {
    this.list = list;
  }

  /** What each manager would lose. */
  static of(sets: ReadonlyMap<string, FieldSet>): Conflicts {
    const managers = [...sets.keys()].sort(compareStrings);
    return new Conflicts(
      managers.flatMap((manager) => [...sets.get(manager)!.paths()].map((path) => ({ manager, path }))),
    );
  }

  /** One conflict in a line, several as a list below each manager. */
  get message(): string {
    const [first, ...others] = this.list;
    if (first !== undefined && others.length === 0)
      return `conflict with ${quote(first.manager)}: ${formatPath(first.path)}`;
    const lines: string[] = [];
    let manager: string | undefined;
    for (const conflict of this.list) {
      if (conflict.manager !== manager) lines.push(`conflicts with ${quote(conflict.manager)}:`);
      manager = conflict.manager;
      lines.push(`- ${formatPath(conflict.path)}`);
    }
    return lines.join('\n');
  }
}
