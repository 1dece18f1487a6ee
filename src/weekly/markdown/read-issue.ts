import { keepKeys, withFreshKeys } from '../issue/keys.ts';
import { splitEmoji } from '../issue/emoji.ts';
import type { Block, IssueDocument, Section, Story } from '../issue/model.ts';
import { normalizeIssue, normalizeTitle } from '../issue/normalize.ts';
import { readCopiedPage } from './copied-page.ts';
import { readFields, splitFrontMatter } from './front-matter.ts';
import { dateIn, isAfterwordTitle, languageOf, numberIn } from './headings.ts';
import { type Marks, readMarks } from './marks.ts';
import { type ReadBlock, readBlocks } from './read-blocks.ts';
import { topicsIn } from './topics.ts';

/** How to read an issue. */
export interface ReadOptions {
  /** The name of the file, of which the slug is taken where the text does not say it. */
  readonly fileName?: string;
  /** The same issue as it was: its keys and translations are kept. */
  readonly before?: IssueDocument;
}

/** An issue that was read, and what of it was guessed or is missing. */
export interface ReadIssue {
  readonly issue: IssueDocument;
  readonly notes: readonly string[];
}

/**
 * Reads an issue: our own Markdown, any other with headings, and text that was copied from a page, which has lost them.
 *
 * What it gives is in normal form; what is of no kind of ours is kept word for word.
 *
 * @throws ParseError: the front matter is no YAML
 */
export function readIssue(text: string, options: ReadOptions = {}): ReadIssue {
  const lines = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const { fields, body } = splitFrontMatter(lines);
  const said = readFields(fields ?? {});
  const blocks = readBlocks(body);
  const isCopied = fields === undefined && !blocks.some(({ kind }) => kind === 'heading');
  const notes: string[] = [];
  const read = isCopied ? readCopiedPage(body, notes) : readStructure(blocks, said, notes);
  const issue = withFreshKeys(
    normalizeIssue(withGuesses({ ...read, ...withSlug(said, read, options.fileName) }, body, notes)),
  );
  return { issue: options.before === undefined ? issue : keepKeys(options.before, issue), notes };
}

/** What is known of an issue from its structure alone. */
export type Structure = Pick<IssueDocument, 'introduction' | 'sections' | 'afterword'> &
  Partial<IssueDocument> & { readonly isOurs?: boolean };

/** What the front matter says wins, but for what our own comment says. */
function withSlug(said: Partial<IssueDocument>, read: Structure, fileName?: string): Partial<IssueDocument> {
  const name = fileName
    ?.split(/[\\/]/)
    .at(-1)!
    .replace(/\.(?:md|markdown|txt)$/i, '');
  const slug = read.slug ?? said.slug ?? (name !== undefined && /^[0-9a-z_-]{12,50}$/.test(name) ? name : undefined);
  const { number, date, language } = read;
  const known = Object.entries({ ...said, ...(read.isOurs ? { number, date, language } : {}), slug });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

/** The rest that an issue must have, or that can be seen in a text that is not ours. */
function withGuesses({ isOurs, ...read }: Structure, body: string, notes: string[]): IssueDocument {
  const title = read.title ?? '';
  if (isOurs) return { topics: [], published: false, language: languageOf(body), ...read, title };
  const number = read.number ?? numberIn(title) ?? numberIn(openingOf(read.introduction));
  const date = read.date ?? dateIn(title) ?? dateIn(read.publishedAt ?? '');
  const emoji =
    read.emoji ??
    read.sections.map((section) => splitEmoji(section.title).emoji).find((one) => one !== undefined) ??
    '📰';
  if (title === '') notes.push('title: none was found');
  if (number === undefined) notes.push('number: none was found');
  if (date === undefined) notes.push('date: none was found');
  if (read.emoji === undefined) notes.push(`emoji: ${emoji} was chosen`);
  if (read.type === undefined) notes.push('type: tech was assumed');
  const topics = read.topics ?? topicsIn(body);
  if (read.topics === undefined) notes.push(`topics: ${topics.join(', ')} were found in the text`);
  return {
    published: false,
    language: languageOf(body),
    type: 'tech',
    ...read,
    title,
    topics,
    emoji,
    ...(number === undefined ? {} : { number }),
    ...(date === undefined ? {} : { date }),
  };
}

function openingOf(introduction: readonly Block[]): string {
  return introduction.map(({ text }) => text ?? '').join('\n');
}

/** A part of a text below a heading of its own. */
interface Part {
  readonly level: number;
  readonly title: string;
  readonly blocks: ReadBlock[];
}

function readStructure(all: readonly ReadBlock[], said: Partial<IssueDocument>, notes: string[]): Structure {
  const [first] = all;
  const marks = first?.kind === 'raw' ? readMarks(first.text!) : undefined;
  const blocks = marks === undefined ? all : all.slice(1);
  const levels = new Set(blocks.filter(({ kind }) => kind === 'heading').map(({ level }) => level!));
  const title = titleOf(blocks, said.title, levels, marks !== undefined);
  const rest = title === undefined ? blocks : blocks.slice(1);
  if (title !== undefined && !rest.some(({ level }) => level === 1)) levels.delete(1);
  const [sectionLevel = 2, storyLevel = sectionLevel + 1] =
    marks === undefined ? [...levels].sort((a, b) => a - b) : [2, 3];
  const parts: Part[] = [{ level: 0, title: '', blocks: [] }];
  for (const block of rest) {
    const level = block.kind === 'heading' ? block.level! : 7;
    if (level <= sectionLevel) parts.push({ level: 1, title: block.text!, blocks: [] });
    else if (level <= storyLevel) parts.push({ level: 2, title: block.text!, blocks: [] });
    else parts.at(-1)!.blocks.push(level === 7 ? block : { ...block, level: Math.min(6, level - storyLevel + 3) });
  }
  return {
    ...(title === undefined ? {} : { title }),
    ...(marks === undefined ? {} : { isOurs: true, ...defined(marks) }),
    ...sectionsOf(parts, notes, marks !== undefined),
  };
}

/** The title of the page in its text: the heading that it begins with, if no other is as large. */
function titleOf(
  blocks: readonly ReadBlock[],
  said: string | undefined,
  levels: ReadonlySet<number>,
  isOurs: boolean,
): string | undefined {
  const [first] = blocks;
  if (first?.kind !== 'heading' || first.level !== 1) return undefined;
  if (isOurs) return first.text === normalizeTitle(said ?? '') ? first.text : undefined;
  const isOnly = blocks.filter(({ level }) => level === 1).length === 1 && levels.size > 1;
  return first.text === said || (isOnly && said === undefined) ? first.text : undefined;
}

function sectionsOf([opening, ...parts]: readonly Part[], notes: string[], isOurs: boolean): Structure {
  const sections: Section[] = [];
  const roles: (Marks['role'] | undefined)[] = [];
  for (const part of parts) {
    const { marks, blocks } = marked(part.blocks);
    if (part.level === 1 || sections.length === 0) {
      roles.push(part.level === 1 ? marks.role : undefined);
      sections.push({
        id: '',
        title: part.level === 1 ? part.title : '',
        introduction: part.level === 1 ? blocks : [],
        stories: [],
      });
    }
    if (part.level === 2) {
      const last = sections.pop()!;
      sections.push({ ...last, stories: [...last.stories, storyOf(part.title, marks, blocks, notes, isOurs)] });
    }
  }
  const last = sections.at(-1);
  const isAfterword =
    last !== undefined &&
    (roles.at(-1) === 'afterword' ||
      (roles.at(-1) === undefined && last.stories.length === 0 && isAfterwordTitle(splitEmoji(last.title).title)));
  return {
    introduction: withoutKeys(opening!.blocks),
    sections: isAfterword ? sections.slice(0, -1) : sections,
    ...(isAfterword ? { afterword: { title: last.title, blocks: last.introduction } } : {}),
  };
}

/** A story; a heading that is a link is its subject. */
function storyOf(heading: string, marks: Marks, blocks: Block[], notes: string[], isOurs: boolean): Story {
  const link = isOurs ? null : /^\[((?:[^\\[\]]|\\.)*)\]\((https?:\/\/[^\s()]+)\)$/.exec(heading);
  const url = marks.url ?? link?.[2];
  const title = link?.[1] ?? heading;
  if (!isOurs && url === undefined && !blocks.some(({ kind }) => kind === 'card')) {
    notes.push(`story ${JSON.stringify(title)}: it has no address`);
  }
  const { presenter } = marks;
  return {
    id: '',
    title,
    blocks,
    ...(url === undefined ? {} : { url }),
    ...(presenter === undefined ? {} : { presenter }),
  };
}

/** The marks among blocks, and the rest. They are written before it; somebody may have put a text in front of them. */
function marked(blocks: readonly ReadBlock[]): { readonly marks: Marks; readonly blocks: Block[] } {
  for (const [index, { kind, text }] of blocks.entries()) {
    const marks = kind === 'raw' ? readMarks(text!) : undefined;
    if (marks !== undefined) return { marks, blocks: withoutKeys(blocks.toSpliced(index, 1)) };
  }
  return { marks: {}, blocks: withoutKeys(blocks) };
}

/** Keys are given when all is read. */
function withoutKeys(blocks: readonly ReadBlock[]): Block[] {
  return blocks.map((block) => ({ id: '', ...block }));
}

function defined<T extends object>(all: T): Partial<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;
}
