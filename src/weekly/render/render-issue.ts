import { present } from '../feeds/texts.ts';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { translatedAndMarked } from '../issue/gap-marks.ts';
import { writeIssue } from '../markdown/write-issue.ts';
import { writeEmail } from './email.ts';
import { type RenderOptions, writeHtml } from './html-page.ts';

/** The forms in which an issue is published. */
export const ISSUE_FORMATS = ['zenn', 'markdown', 'html', 'email', 'json'] as const;
/** One of `ISSUE_FORMATS`; `email` is a whole mail. */
export type IssueFormat = (typeof ISSUE_FORMATS)[number];

/** An issue in one of its forms, in a language; the same issue makes the same text. */
export function renderIssue(issue: IssueDocument, format: IssueFormat, options: RenderOptions = {}): string {
  switch (format) {
    case 'html':
      return writeHtml(issue, options);
    case 'email':
      return writeEmail(issue, forRendering(options));
    case 'json':
      return `${JSON.stringify(normalizeIssue(issue), null, 2)}\n`;
    default:
      return writeIssue(translatedAndMarked(normalizeIssue(issue), options.language ?? issue.language), format);
  }
}

/** What is of rendering alone: whoever publishes has options of the same names for other things, as the folder `to`. */
function forRendering({ language, cards, showsImages }: RenderOptions): RenderOptions {
  return present({ language, cards, showsImages });
}
