import { otherFields } from '../markdown/front-matter.ts';
import { CARD_URL, guarded, interrupts } from '../markdown/openers.ts';
import { readBlocks } from '../markdown/read-blocks.ts';
import { writeBlock } from '../markdown/write-blocks.ts';
import { isEmoji, splitEmoji } from './emoji.ts';
import type { Afterword, Block, BlockKind, IssueDocument, Section, Story } from './model.ts';

/**
 * The normal form of an issue: the one value of all those that read the same. It is what a reader of Markdown gives, so
 * that `readIssue(writeIssue(issue))` is `normalizeIssue(issue)`; normalizing twice changes nothing.
 *
 * Texts lose what cannot be seen, and what a paragraph must not begin with is escaped; an address alone in a paragraph stays text,
 * a block without content goes, and a key that is there twice is changed.
 */
export function normalizeIssue(issue: IssueDocument): IssueDocument {
  const { number, date, slug, emoji, type, publishedAt, frontMatter, titleTranslations } = issue;
  const others = otherFields(frontMatter ?? {});
  const sectionIds = new Set<string>();
  const storyIds = new Set<string>();
  return {
    ...(number === undefined ? {} : { number }),
    ...(date === undefined ? {} : { date }),
    language: issue.language,
    title: oneLine(issue.title),
    ...(slug === undefined ? {} : { slug }),
    ...(emoji === undefined ? {} : { emoji: oneLine(emoji) }),
    ...(type === undefined ? {} : { type }),
    topics: issue.topics.map(oneLine),
    published: issue.published,
    ...(publishedAt === undefined ? {} : { publishedAt: oneLine(publishedAt) }),
    ...(Object.keys(others).length === 0 ? {} : { frontMatter: others }),
    ...(titleTranslations === undefined ? {} : { titleTranslations }),
    introduction: normalizeBlocks(issue.introduction),
    sections: issue.sections.map((section) => normalizeSection(section, sectionIds, storyIds)),
    ...(issue.afterword === undefined ? {} : { afterword: normalizeAfterword(issue.afterword) }),
  };
}

/** The normal form of a heading's text: one line that has no closing signs. */
export function normalizeTitle(title: string): string {
  return oneLine(title).replace(/(^|[ \t])(#+)$/, '$1\\$2');
}

function normalizeSection(section: Section, sectionIds: Set<string>, storyIds: Set<string>): Section {
  const { titleTranslations } = section;
  const title = normalizeTitle(section.title);
  const split =
    section.emoji !== undefined && isEmoji(section.emoji) ? { emoji: section.emoji, title } : splitEmoji(title);
  return {
    id: unique(section.id, sectionIds),
    title: split.title,
    ...(split.emoji === undefined ? {} : { emoji: split.emoji }),
    ...(titleTranslations === undefined ? {} : { titleTranslations }),
    introduction: normalizeBlocks(section.introduction),
    stories: section.stories.map((story) => ({ ...normalizeStory(story), id: unique(story.id, storyIds) })),
  };
}

/** The normal form of a story. */
export function normalizeStory(story: Story): Story {
  const { url, presenter, titleTranslations } = story;
  const blocks = normalizeBlocks(story.blocks);
  const subject = url === undefined || cardUrl(url) === undefined ? cardOf(blocks) : cardUrl(url);
  const name = presenter === undefined ? '' : oneLine(presenter);
  return {
    id: story.id,
    title: normalizeTitle(story.title),
    ...(titleTranslations === undefined ? {} : { titleTranslations }),
    ...(subject === undefined ? {} : { url: subject }),
    ...(name === '' ? {} : { presenter: name }),
    blocks: subject === undefined || cardOf(blocks) !== undefined ? blocks : withSubject(subject, blocks),
  };
}

/** A story's subject is the first card of its text; where there is none, one is put in front. */
function withSubject(url: string, blocks: readonly Block[]): Block[] {
  const ids = new Set(blocks.map(({ id }) => id));
  return [{ id: unique('subject', ids), kind: 'card', url }, ...blocks];
}

function cardOf(blocks: readonly Block[]): string | undefined {
  return blocks.find(({ kind }) => kind === 'card')?.url;
}

function normalizeAfterword({ title, titleTranslations, blocks }: Afterword): Afterword {
  return {
    title: normalizeTitle(title),
    ...(titleTranslations === undefined ? {} : { titleTranslations }),
    blocks: normalizeBlocks(blocks),
  };
}

/** The normal form of blocks that are siblings. */
export function normalizeBlocks(blocks: readonly Block[]): Block[] {
  const ids = new Set<string>();
  return blocks.flatMap((block) => {
    const content = normalizeBlock(block);
    if (content === undefined) return [];
    const { translations } = block;
    return [{ id: unique(block.id, ids), ...content, ...(translations === undefined ? {} : { translations }) }];
  });
}

type Content = Omit<Block, 'id' | 'translations'>;

/** The normal form of what is in a block; undefined if that is nothing. */
function normalizeBlock(block: Content): Content | undefined {
  switch (block.kind) {
    case 'paragraph':
      return paragraph(block.text ?? '');
    case 'heading': {
      const text = normalizeTitle(block.text ?? '');
      return text === '' ? undefined : { kind: 'heading', level: clamp(block.level ?? 4), text };
    }
    case 'code':
      return { kind: 'code', info: oneLine(block.info ?? '').replaceAll('`', "'"), text: clean(block.text ?? '') };
    case 'card': {
      const url = cardUrl(block.url ?? '');
      return url === undefined ? paragraph(block.url ?? '') : { kind: 'card', url };
    }
    case 'image':
      return image(block);
    case 'message':
      return { kind: 'message', alert: block.alert === true, text: body(block.text ?? '') };
    case 'details':
      return { kind: 'details', title: oneLine(block.title ?? '') || '…', text: body(block.text ?? '') };
    case 'quote': {
      const text = body(block.text ?? '').replace(/^\[!(?=(?:NOTE|WARNING)\](?:\n|$))/, '\\$&');
      return text === '' ? undefined : { kind: 'quote', text };
    }
    case 'embed':
      return embed(block);
    case 'divider':
      return { kind: 'divider' };
    case 'list':
    case 'table':
    case 'raw':
      return source(block.kind, block.text ?? '');
  }
}

function paragraph(text: string): Content | undefined {
  const lines = clean(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return undefined;
  const alone = readBlocks(lines.join('\n'));
  if (alone.length === 1 && alone[0]!.kind === 'image') return image(alone[0]!);
  return { kind: 'paragraph', text: lines.map(guarded).join('\n') };
}

function image(block: Content): Content | undefined {
  const url = oneLine(block.url ?? '').replace(
    /[\s()<>\\]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  const alt = oneLine(block.alt ?? '');
  const said = oneLine(block.caption ?? '');
  const caption = interrupts(`*${said}*`) ? `\\${said}` : said;
  if (url === '') return alt === '' ? undefined : paragraph(alt);
  return { kind: 'image', url, alt, ...(caption === '' ? {} : { caption }) };
}

function embed(block: Content): Content | undefined {
  const service = (block.service ?? '').replace(/[^A-Za-z]/g, '');
  const text = oneLine(block.text ?? '');
  if (text === '') return undefined;
  if (service === '' || (service === 'card' && cardUrl(text) !== undefined))
    return normalizeBlock({ kind: 'card', url: text });
  return { kind: 'embed', service, text };
}

/** Markdown that must be one block of its kind; where it is another block it is that, and where it is several it is shown as it is. */
function source(kind: BlockKind, text: string): Content | undefined {
  const lines = body(text);
  if (lines === '') return undefined;
  const read = readBlocks(lines);
  const [only] = read;
  if (only === undefined) return undefined;
  const isOurs = only.kind === 'raw' && /^<!--[ \t]*weekly:/.test(only.text!);
  if (read.length === 1 && !isOurs) {
    const same = only.kind === kind ? only : normalizeBlock(only);
    if (same !== undefined && isStable(same)) return same;
  }
  return { kind: 'code', info: 'markdown', text: lines };
}

/** What would end something that was not closed. */
const ENDS = 'x\n\n-->\n\n</script></pre></style></textarea>\n\n$$\n\n?>\n\n]]>\n\n:::\n\n- x';

/** Whether a block is read as it is written, whatever follows. */
function isStable(content: Content): boolean {
  const [first, second] = readBlocks(`${writeBlock(content, 'markdown')}\n\n${ENDS}`);
  return first!.kind === content.kind && (first!.text ?? '') === (content.text ?? '') && second?.text === 'x';
}

/** A card's address in ASCII, undefined if it is none of the web. */
function cardUrl(url: string): string | undefined {
  const given = oneLine(url);
  if (!/^https?:\/\/\S/i.test(given)) return undefined;
  const ascii = given
    .replace(/^[^:]+/, (scheme) => scheme.toLowerCase())
    .replace(/[^\x21-\x7e]|[<>"`\\^{|}]/gu, (sign) => encodeURIComponent(sign));
  return CARD_URL.test(ascii) ? ascii : undefined;
}

function clamp(level: number): number {
  return Math.min(6, Math.max(4, Math.trunc(level) || 4));
}

/** Text without signs that have no meaning in one: controls, halves of characters, other ends of lines. */
function clean(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Markdown of several lines, without empty ones around it. */
function body(text: string): string {
  return clean(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

/** The key, or the first of its successors that is not taken. */
function unique(id: string, taken: Set<string>): string {
  let key = id;
  for (let n = 2; taken.has(key); n++) key = `${id}-${n}`;
  taken.add(key);
  return key;
}
