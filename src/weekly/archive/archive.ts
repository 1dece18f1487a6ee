import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { IssueDocument } from '../issue/model.ts';
import { readIssue } from '../markdown/read-issue.ts';

/** An issue in a folder of past ones. */
export interface PastIssue {
  /** From the folder. */
  readonly file: string;
  readonly issue: IssueDocument;
}

/** Past issues, the newest first, and files that could not be read, with the reason. */
export interface Archive {
  readonly issues: readonly PastIssue[];
  readonly unread: readonly { readonly file: string; readonly reason: string }[];
}

/** Reads all Markdown of a folder and those below as issues. */
export function readArchive(folder: string): Archive {
  const issues: PastIssue[] = [];
  const unread: { file: string; reason: string }[] = [];
  for (const path of markdownIn(folder)) {
    const file = relative(folder, path);
    try {
      issues.push({ file, issue: readIssue(readFileSync(path, 'utf8'), { fileName: file }).issue });
    } catch (error) {
      unread.push({ file, reason: (error as Error).message });
    }
  }
  const order = ({ issue, file }: PastIssue): string =>
    `${issue.date ?? ''} ${String(issue.number ?? 0).padStart(9, '0')} ${file}`;
  return { issues: issues.sort((a, b) => (order(a) < order(b) ? 1 : -1)), unread };
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : markdownIn(path);
      return entry.isFile() && /\.(?:md|markdown)$/i.test(entry.name) && !/^readme\./i.test(entry.name) ? [path] : [];
    });
}
