import type { Block, IssueDocument, Section, Story } from '../issue/model.ts';
import { normalizeIssue, normalizeTitle } from '../issue/normalize.ts';
import { writeFrontMatter } from './front-matter.ts';
import { isAfterwordTitle } from './headings.ts';
import { writeMarks } from './marks.ts';
import { type MarkdownFlavor, writeBlocks } from './write-blocks.ts';

/**
 * An issue as a Markdown text, which `readIssue` reads as the same issue. Linear.
 *
 * Sections are headings of the second level and stories of the third, since the first is the page's. What readers do not see (the
 * number, who presents a story) stands in comments.
 */
export function writeIssue(given: IssueDocument, flavor: MarkdownFlavor): string {
  const issue = normalizeIssue(given);
  const { number, date, language, slug, afterword } = issue;
  const parts = [
    writeMarks({ number, date, language, slug }),
    flavor === 'markdown' ? `# ${normalizeTitle(issue.title)}`.trimEnd() : undefined,
    writeAll(issue.introduction, flavor),
    ...issue.sections.map((section, index) =>
      writeSection(section, index === issue.sections.length - 1 && afterword === undefined, flavor),
    ),
  ];
  if (afterword !== undefined) {
    parts.push(
      `## ${afterword.title}`.trimEnd(),
      isAfterwordTitle(afterword.title) ? undefined : writeMarks({ role: 'afterword' }),
      writeAll(afterword.blocks, flavor),
    );
  }
  return `${writeFrontMatter(issue, flavor)}\n${joined(parts)}\n`;
}

function writeSection(section: Section, isLast: boolean, flavor: MarkdownFlavor): string {
  const { emoji, title, stories } = section;
  const seemsAfterword = isLast && stories.length === 0 && isAfterwordTitle(title);
  return joined([
    `## ${emoji === undefined ? '' : `${emoji} `}${title}`.trimEnd(),
    seemsAfterword ? writeMarks({ role: 'section' }) : undefined,
    writeAll(section.introduction, flavor),
    ...stories.map((story) => writeStory(story, flavor)),
  ]);
}

function writeStory({ title, url, presenter, blocks }: Story, flavor: MarkdownFlavor): string {
  const card = blocks.find(({ kind }) => kind === 'card')?.url;
  return joined([
    `### ${title}`.trimEnd(),
    writeMarks({ presenter, url: url === card ? undefined : url }),
    writeAll(blocks, flavor),
  ]);
}

function writeAll(blocks: readonly Block[], flavor: MarkdownFlavor): string | undefined {
  return blocks.length === 0 ? undefined : writeBlocks(blocks, flavor);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n\n');
}
