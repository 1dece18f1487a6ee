import type { Block, Section, Story } from '../issue/model.ts';
import { splitEmoji } from '../issue/emoji.ts';
import { isAfterwordTitle, isSectionTitle } from './headings.ts';
import { readBlocks } from './read-blocks.ts';
import type { Structure } from './read-issue.ts';

/** What pages have below their text. */
const FOOTER = /^(?:discussion|comments?|コメント|githubで編集を提案|バッジを贈って著者を応援しよう|share|シェア)$/i;
/** How sentences end. */
const SENTENCE_END = /[。．.!！?？…」』）:：;；、,]$/;
/** How no line begins, unless the line before was broken within a sentence, as copying does around code. */
const CONTINUATION = /^(?:[をがはにのでともへや]|から|まで|より|など|という|として|、|。|\)|）)/;

/**
 * Reads a text that was copied from the page of an issue: without signs of Markdown, a line for a block, the cards lost.
 *
 * Sections are lines with an emoji, or with a title that digests have; below one, a line is a story's title if it is no sentence
 * and sentences follow. What had to be guessed is said in `notes`.
 */
export function readCopiedPage(text: string, notes: string[]): Structure {
  const lines = joinBroken(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    notes,
  );
  while (lines.length > 1 && FOOTER.test(lines.at(-1)!)) lines.pop();
  const title = lines.shift() ?? '';
  while (lines[0] === title) lines.shift();
  const introduction: Block[] = [];
  const sections: Section[] = [];
  let afterword: { title: string; blocks: Block[] } | undefined;
  let into = introduction;
  lines.forEach((line, index) => {
    if (isAfterwordTitle(splitEmoji(line).title)) {
      afterword = { title: line, blocks: [] };
      into = afterword.blocks;
    } else if (isSection(line)) {
      sections.push({ id: '', title: line, introduction: [], stories: [] });
      into = sections.at(-1)!.introduction as Block[];
    } else if (afterword === undefined && sections.length > 0 && isStory(lines, index)) {
      const story: Story = { id: '', title: line, blocks: [] };
      (sections.at(-1)!.stories as Story[]).push(story);
      into = story.blocks as Block[];
    } else into.push(...readBlocks(line).map((block) => ({ id: '', ...block })));
  });
  for (const { stories } of sections) {
    for (const story of stories) {
      if (!story.blocks.some(({ kind }) => kind === 'card')) {
        notes.push(`story ${JSON.stringify(story.title)}: its card is lost, so that it has no address`);
      }
    }
  }
  return { title, introduction, sections, ...(afterword === undefined ? {} : { afterword }) };
}

function isSection(line: string): boolean {
  const { emoji, title } = splitEmoji(line);
  return (emoji !== undefined && title !== '' && !SENTENCE_END.test(line)) || isSectionTitle(title);
}

/** A title follows a heading or the end of a sentence, ends none itself, and has text below. */
function isStory(lines: readonly string[], index: number): boolean {
  const line = lines[index]!;
  const next = lines[index + 1];
  const before = lines[index - 1]!;
  if (SENTENCE_END.test(line) && !/[?？!！)）]$/.test(line)) return false;
  if (/^https?:/.test(line) || next === undefined || isSection(next)) return false;
  return isSection(before) || /[。．.!！?？…」』）]$/.test(before) || /^https?:/.test(before);
}

/** Lines that are one sentence again; what stood in code before the break is code. */
function joinBroken(lines: readonly string[], notes: string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    if (before === undefined || !CONTINUATION.test(line) || SENTENCE_END.test(before)) {
      joined.push(line);
      continue;
    }
    const code = /[A-Za-z][\w./:-]*[./_:][\w./:-]*$/.exec(before)?.[0];
    const text = code === undefined ? before : `${before.slice(0, -code.length)}\`${code}\` `;
    joined.splice(-1, 1, `${text}${line}`);
    notes.push(`${JSON.stringify(line.slice(0, 20))}: joined to the line above, which was broken within a sentence`);
  }
  return joined;
}
