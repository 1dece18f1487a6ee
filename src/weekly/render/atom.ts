import { formatTime, isDay } from 'nekube/apimachinery';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { momentOf } from '../issue/publication-time.ts';
import { escapeHtml, unescapeHtml } from './escape.ts';
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

/** An entry of a feed of ours. */
export interface AtomEntry {
  /** Where the issue is, which is the entry's id. */
  readonly address: string;
  /** RFC 3339. */
  readonly updated: string;
  readonly xml: string;
}

/** Issues as an Atom feed, the newest first; those without a slug or a day are left out. The same issues make the same text. */
export function writeAtom(issues: readonly IssueDocument[], options: AtomOptions): string {
  return atomOf(atomEntries(issues, options), options);
}

/** Where the issue of a slug is. */
export function addressOf(slug: string, { url }: Pick<AtomOptions, 'url'>): string {
  return `${baseOf(url)}${slug}`;
}

function baseOf(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** The entries of issues; those without a slug or a day have none. */
export function atomEntries(issues: readonly IssueDocument[], options: AtomOptions): AtomEntry[] {
  return issues.map(normalizeIssue).flatMap((issue) => {
    const updated = timeOf(issue);
    if (issue.slug === undefined || updated === undefined) return [];
    const address = addressOf(issue.slug, options);
    return [{ address, updated, xml: entryOf(issue, address) }];
  });
}

/** A feed of entries, the newest first, of at most so many. Of an address there is one, the last. */
export function atomOf(
  entries: readonly AtomEntry[],
  { title, url, author }: AtomOptions,
  most = Number.POSITIVE_INFINITY,
): string {
  const base = baseOf(url);
  const order = ({ updated, address }: AtomEntry): string => `${updated} ${address}`;
  const ofAddresses = [...new Map(entries.map((entry) => [entry.address, entry])).values()];
  const shown = ofAddresses.toSorted((a, b) => (order(a) < order(b) ? 1 : order(a) > order(b) ? -1 : 0)).slice(0, most);
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${escapeHtml(base)}</id>`,
    `<title>${escapeHtml(title)}</title>`,
    `<updated>${shown[0]?.updated ?? '1970-01-01T00:00:00Z'}</updated>`,
    `<author><name>${escapeHtml(author)}</name></author>`,
    `<link rel="alternate" href="${escapeHtml(base)}"/>`,
    ...shown.map(({ xml }) => xml),
    '</feed>',
  ];
  return `${lines.join('\n')}\n`;
}

/** The entries of a feed that `atomOf` wrote, word for word. */
export function entriesOfAtom(text: string): AtomEntry[] {
  return [...text.matchAll(ENTRY)].map(([xml, address, updated]) => ({
    address: unescapeHtml(address!),
    updated: updated!,
    xml,
  }));
}

/** As `entryOf` writes it: texts are escaped, so that none of these elements is within another. */
const ENTRY =
  /<entry xml:lang="[^"]*">\n<id>([^<]*)<\/id>\n<title>[^<]*<\/title>\n<updated>([^<]*)<\/updated>[^]*?\n<\/entry>/g;

function entryOf(issue: IssueDocument, at: string): string {
  const address = escapeHtml(at);
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

/** When an issue was published, or the beginning of its day. */
function timeOf({ publishedAt, date }: IssueDocument): string | undefined {
  const moment = publishedAt === undefined ? undefined : momentOf(publishedAt);
  if (moment !== undefined) return formatTime(moment);
  return isDay(date ?? '') ? `${date}T00:00:00Z` : undefined;
}
