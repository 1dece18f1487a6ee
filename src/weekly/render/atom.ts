import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { escapeHtml } from './escape.ts';
import { htmlOfBlocks, htmlOfInline, type HtmlStyle } from './html-blocks.ts';

/** What a feed says of itself. */
export interface AtomOptions {
  readonly title: string;
  /** Where issues are: an issue's own address is this, and its slug. */
  readonly url: string;
  /** Who writes it. */
  readonly author: string;
}

const STYLE: HtmlStyle = { look: () => '', showsImages: false, isInteractive: false, cards: new Map() };

/** Issues as an Atom feed, the newest first; those without a slug or a day are left out. The same issues make the same text. */
export function writeAtom(issues: readonly IssueDocument[], { title, url, author }: AtomOptions): string {
  const base = url.endsWith('/') ? url : `${url}/`;
  const entries = issues
    .map(normalizeIssue)
    .filter((issue) => issue.slug !== undefined && timeOf(issue) !== undefined)
    .sort((a, b) => (timeOf(a)! < timeOf(b)! ? 1 : timeOf(a)! > timeOf(b)! ? -1 : (b.number ?? 0) - (a.number ?? 0)));
  const updated = entries[0] === undefined ? '1970-01-01T00:00:00Z' : timeOf(entries[0])!;
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${escapeHtml(base)}</id>`,
    `<title>${escapeHtml(title)}</title>`,
    `<updated>${updated}</updated>`,
    `<author><name>${escapeHtml(author)}</name></author>`,
    `<link rel="alternate" href="${escapeHtml(base)}"/>`,
    ...entries.map((issue) => entryOf(issue, base)),
    '</feed>',
  ];
  return `${lines.join('\n')}\n`;
}

function entryOf(issue: IssueDocument, base: string): string {
  const address = escapeHtml(`${base}${issue.slug}`);
  const content = [
    htmlOfBlocks(issue.introduction, 2, STYLE),
    ...issue.sections.flatMap((section) => [
      `<h2>${htmlOfInline(section.title, STYLE)}</h2>`,
      htmlOfBlocks(section.introduction, 3, STYLE),
      ...section.stories.flatMap((story) => [
        `<h3>${htmlOfInline(story.title, STYLE)}</h3>`,
        htmlOfBlocks(story.blocks, 4, STYLE),
      ]),
    ]),
    ...(issue.afterword === undefined
      ? []
      : [`<h2>${htmlOfInline(issue.afterword.title, STYLE)}</h2>`, htmlOfBlocks(issue.afterword.blocks, 3, STYLE)]),
  ].join('\n');
  return [
    `<entry xml:lang="${escapeHtml(issue.language)}">`,
    `<id>${address}</id>`,
    `<title>${escapeHtml(issue.title)}</title>`,
    `<updated>${timeOf(issue)}</updated>`,
    `<link rel="alternate" href="${address}"/>`,
    `<content type="html">${escapeHtml(content)}</content>`,
    '</entry>',
  ].join('\n');
}

/** When an issue was published: what it says, as if in UTC, or its day. */
function timeOf({ publishedAt, date }: IssueDocument): string | undefined {
  const found = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}))?$/.exec(publishedAt ?? date ?? '');
  return found === null ? undefined : `${found[1]}T${found[2] ?? '00:00'}:00Z`;
}
