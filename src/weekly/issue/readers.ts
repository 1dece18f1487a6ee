import type { IssueDocument } from './model.ts';

/** The issue as readers get it: a section that has neither stories nor a text is no heading of theirs. Editors keep it, for what is to come. */
export function forReaders(issue: IssueDocument): IssueDocument {
  const sections = issue.sections.filter(({ stories, introduction }) => stories.length > 0 || introduction.length > 0);
  return { ...issue, sections };
}
