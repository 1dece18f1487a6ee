import { createHash } from 'node:crypto';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { translatedAndMarked } from '../issue/gap-marks.ts';
import { escapeHtml } from './escape.ts';
import { htmlOfBlocks, htmlOfInline, type HtmlStyle, type LookName } from './html-blocks.ts';
import type { RenderOptions } from './html-page.ts';
import { addressHeader, headerText, textHeader } from './mail-header.ts';
import { writePlainText } from './plain-text.ts';

/** Looks of their own for each element, since readers of mail drop style sheets. */
const LOOKS: Record<LookName, string> = {
  paragraph: 'margin:0 0 14px',
  card: 'margin:0 0 14px;padding:10px 14px;border:1px solid #d0d7de;background:#f3f5f7',
  cardText: 'color:#57606a;font-size:14px',
  message: 'margin:0 0 14px;padding:10px 14px;border:1px solid #d0d7de;background:#f3f5f7',
  alert: 'margin:0 0 14px;padding:10px 14px;border:1px solid #e0b98f;background:#fff1e5',
  quote: 'margin:0 0 14px;padding:0 14px;border-left:4px solid #d0d7de;color:#57606a',
  pre: 'margin:0 0 14px;padding:10px 14px;background:#f3f5f7;white-space:pre-wrap;font-family:monospace;font-size:14px',
  code: 'font-family:monospace;font-size:15px;background:#f3f5f7',
  table: 'border-collapse:collapse;margin:0 0 14px',
  cell: 'border:1px solid #d0d7de;padding:4px 10px',
  footnote: 'margin:0 0 14px;color:#57606a;font-size:14px',
  list: 'margin:0 0 14px;padding-left:24px',
};
const HEADINGS = {
  2: 'margin:28px 0 12px;font-size:21px;line-height:1.3',
  3: 'margin:22px 0 10px;font-size:18px;line-height:1.3',
} as const;

/** An issue as the HTML of a mail: tables and styles on each element, no script, no font, and no image unless that is asked for. */
export function writeEmailHtml(given: IssueDocument, options: RenderOptions = {}): string {
  const issue = translatedAndMarked(normalizeIssue(given), options.language ?? given.language);
  const style: HtmlStyle = {
    look: (name) => ` style="${LOOKS[name]}"`,
    showsImages: options.showsImages === true,
    isInteractive: false,
    cards: options.cards ?? new Map(),
  };
  const heading = (level: 2 | 3, html: string): string =>
    html.trim() === '' ? '' : `<h${level} style="${HEADINGS[level]}">${html}</h${level}>`;
  const parts = [
    `<h1 style="margin:0 0 16px;font-size:25px;line-height:1.3">${escapeHtml(issue.title)}</h1>`,
    htmlOfBlocks(issue.introduction, 2, style),
    ...issue.sections.flatMap((section) => [
      heading(
        2,
        `${section.emoji === undefined ? '' : `${escapeHtml(section.emoji)} `}${htmlOfInline(section.title, style)}`,
      ),
      htmlOfBlocks(section.introduction, 3, style),
      ...section.stories.flatMap((story) => [
        heading(3, htmlOfInline(story.title, style)),
        htmlOfBlocks(story.blocks, 4, style),
      ]),
    ]),
    ...(issue.afterword === undefined
      ? []
      : [heading(2, htmlOfInline(issue.afterword.title, style)), htmlOfBlocks(issue.afterword.blocks, 3, style)]),
  ];
  return `<!doctype html>
<html lang="${escapeHtml(issue.language)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(issue.title) || '…'}</title></head>
<body style="margin:0;padding:0;background:#ffffff">
<div role="main">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0" style="max-width:640px;width:100%"><tr><td style="padding:24px 20px;font-family:sans-serif;font-size:16px;line-height:1.7;color:#1b1f24">
${parts.filter((part) => part !== '').join('\n')}
</td></tr></table>
</td></tr></table>
</div>
</body>
</html>
`;
}

/** The headers of a mail. */
export interface EmailOptions extends RenderOptions {
  /** As in a header: `Team <team@example.com>`; absent: for whoever sends it to fill in. */
  readonly from?: string;
  readonly to?: string;
  readonly date?: Date;
}

/** An issue as a mail (`.eml`), with its text for those who read no HTML; the same issue makes the same bytes. */
export function writeEmail(given: IssueDocument, options: EmailOptions = {}): string {
  const issue = translatedAndMarked(normalizeIssue(given), options.language ?? given.language);
  const html = writeEmailHtml(given, options);
  const boundary = `issue-${createHash('sha256').update(html).digest('hex').slice(0, 24)}`;
  const { from, to, date } = options;
  return [
    ...(from === undefined ? [] : [addressHeader('From', from)]),
    ...(to === undefined ? [] : [addressHeader('To', to)]),
    textHeader('Subject', issue.title),
    ...(date === undefined ? [] : [`Date: ${date.toUTCString().replace('GMT', '+0000')}`]),
    'MIME-Version: 1.0',
    `Content-Language: ${headerText(issue.language)}`,
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...part(boundary, 'text/plain', writePlainText(issue)),
    ...part(boundary, 'text/html', html),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

function part(boundary: string, type: string, text: string): string[] {
  const bytes = Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'utf8').toString('base64');
  return [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(bytes.match(/.{1,76}/g) ?? []),
  ];
}
