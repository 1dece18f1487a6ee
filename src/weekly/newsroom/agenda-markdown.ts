import { plainText } from '../markdown/inline.ts';
import { linkTarget, markdownOfText } from '../markdown/markdown-of-text.ts';
import type { IssueObject } from '../resources/kinds.ts';
import type { AgendaItem } from './agenda.ts';

/** The agenda of a session in Markdown: a list of who presents what and when. Titles are text, so that none is anything else than a line of it. */
export function agendaMarkdown({ spec }: IssueObject, items: readonly AgendaItem[]): string {
  const lines = items.map(({ story, atMinute, presenter }) => {
    const title = markdownOfText(plainText(story.spec.title));
    const url = story.spec.url === undefined ? undefined : linkTarget(story.spec.url);
    const who = presenter === undefined ? 'nobody yet' : markdownOfText(presenter);
    return `- ${timeOf(atMinute)} ${url === undefined ? title : `[${title}](${url})`} (${who})`;
  });
  return `# ${markdownOfText(spec.title).replace(/(^|[ \t])(#+)$/, '$1\\$2')}\n\n${lines.join('\n')}\n`;
}

/** Hours and minutes after the beginning. */
export function timeOf(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
}
