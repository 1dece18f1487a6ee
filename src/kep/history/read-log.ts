/** A file that a commit changed. */
export interface FileChange {
  /** `A` added, `M` changed, `D` deleted, `R` moved, also with changes. */
  readonly kind: 'A' | 'M' | 'D' | 'R';
  readonly path: string;
  /** Where it was before it was moved. */
  readonly from?: string;
  /** The object that its content is now. */
  readonly oid: string;
}

/** A commit of the main line, with all that came by it. */
export interface Commit {
  readonly name: string;
  /** When it was made: `2021-11-02T10:11:12Z`. */
  readonly time: string;
  readonly subject: string;
  /** The pull request that it merged. */
  readonly pullRequest?: number;
  readonly files: readonly FileChange[];
}

/** What `git log` must be asked for {@link readLog}; the rest is from where and of which files. */
export const LOG_ARGUMENTS = [
  ...['log', '--first-parent', '--diff-merges=first-parent', '--reverse', '-z', '--raw', '--no-abbrev', '-M', '-l0'],
  '--format=%x01%H%x09%cI%x09%s',
] as const;

/** Reads what git printed, the oldest commit first. */
export function readLog(text: string): readonly Commit[] {
  const commits: (Commit & { readonly files: FileChange[] })[] = [];
  const tokens = text.split('\0');
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!.replace(/^\n/, '');
    if (token.startsWith('\x01')) {
      const [name = '', time = '', ...subject] = token.slice(1).split('\t');
      commits.push({ name, time: utc(time), ...ofSubject(subject.join('\t')), files: [] });
      continue;
    }
    const [, oid, kind] = /^:\d+ \d+ \w+ (\w+) ([AMDRCT])\d*$/.exec(token) ?? [];
    if (oid === undefined) continue;
    const isMoved = kind === 'R' || kind === 'C';
    const from = isMoved ? tokens[++i]! : undefined;
    const path = tokens[++i]!;
    // a copy is a new file, and a change of type (to a link) is a change
    const plain = kind === 'C' ? 'A' : kind === 'T' ? 'M' : (kind as FileChange['kind']);
    commits.at(-1)?.files.push({ kind: plain, path, oid, ...(plain === 'R' && { from: from! }) });
  }
  return commits;
}

function utc(time: string): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function ofSubject(subject: string): Pick<Commit, 'subject' | 'pullRequest'> {
  const number = /^Merge pull request #(\d+)\b/.exec(subject)?.[1] ?? /\(#(\d+)\)$/.exec(subject)?.[1];
  return { subject, ...(number !== undefined && { pullRequest: Number(number) }) };
}
