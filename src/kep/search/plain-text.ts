import { readmeBody } from '../document/readme-body.ts';

/** A part of a document below a heading. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

/** What texts write by names: those that have a meaning of their own in HTML. */
const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };

/**
 * The words of a Markdown document by its headings, as a reader sees them: without comments (of which the template is full), tables
 * of contents, front matter, addresses of links and images, and marks.
 */
export function sectionsOf(markdown: string): readonly Section[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }];
  let fence: string | undefined;
  for (const line of withoutComments(readmeBody(markdown)).split('\n')) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    const heading = fence === undefined ? /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] : undefined;
    if (heading === undefined) sections.at(-1)!.lines.push(fence === undefined ? withoutMarks(line) : line);
    else sections.push({ heading: withoutLinks(withoutMarks(heading)), lines: [] });
  }
  return sections
    .map(({ heading, lines }) => ({
      heading: heading.replace(/\s+/g, ' ').trim(),
      text: withoutLinks(lines.join(' ')).replace(/\s+/g, ' ').trim(),
    }))
    .filter(({ heading, text }) => heading !== '' || text !== '');
}

function withoutComments(body: string): string {
  let text = '';
  let at = 0;
  // by hand: a pattern for comments takes quadratic time on many that begin and never end
  for (let start = body.indexOf('<!--'); start >= 0; start = body.indexOf('<!--', at)) {
    text += body.slice(at, start);
    const end = body.indexOf('-->', start);
    at = end < 0 ? body.length : end + '-->'.length;
  }
  return text + body.slice(at);
}

/** Of links and images their words; they may go over several lines. */
function withoutLinks(text: string): string {
  return text.replace(/!?\[([^\][]{0,500})\]\([^()\s]{0,2000}\)/g, '$1');
}

function withoutMarks(line: string): string {
  return line
    .replace(/<\/?[a-z][^>\n]{0,500}>/gi, ' ')
    .replace(/[*_`|]+/g, ' ')
    .replace(/^\s*(?:[-+>]|\d+\.)\s+/, '')
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => SIGNS[name]!);
}
