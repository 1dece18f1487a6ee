import type { Block } from '../issue/model.ts';
import {
  BARE_URL,
  beginsTable,
  CAPTION,
  CONTAINER,
  DEFINITION,
  DIVIDER,
  EMBED,
  FENCE,
  FORMULA,
  HEADING,
  htmlEnd,
  IMAGE,
  interrupts,
  ITEM,
  QUOTE,
  UNDERLINE,
} from './openers.ts';

/** A block of a text, before it has a key. Headings have the level that they are written with. */
export type ReadBlock = Omit<Block, 'id' | 'translations'>;

/** What stands between two lists that are not one. */
export const SEPARATOR = '<!-- -->';

/**
 * Reads the blocks of a Markdown text: CommonMark's, with tables, Zenn's own, and GitHub's alerts.
 *
 * What is of no kind of ours is kept word for word. Linear in the lines, but for containers that are in each other.
 */
export function readBlocks(text: string): ReadBlock[] {
  const lines = text.split('\n');
  const closings = closingsOf(lines);
  const blocks: ReadBlock[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.trim() === '' || line.trim() === SEPARATOR) {
      at++;
      continue;
    }
    const [found, next] = readBlock(lines, at, closings);
    blocks.push(...found);
    at = next;
  }
  return blocks;
}

/** A line that can end a container: which, and with how many colons. */
interface Closing {
  readonly at: number;
  readonly colons: number;
}

function closingsOf(lines: readonly string[]): Closing[] {
  return lines.flatMap((line, at) => {
    const found = /^ {0,3}(:{3,})[ \t]*$/.exec(line);
    return found === null ? [] : [{ at, colons: found[1]!.length }];
  });
}

type Found = readonly [blocks: readonly ReadBlock[], next: number];

/** The block, or the several, that begin at a line which is not empty, and the line behind. */
function readBlock(lines: readonly string[], at: number, closings: readonly Closing[]): Found {
  const line = lines[at]!;
  if (/^(?: {4}|\t)/.test(line)) return indentedCode(lines, at);
  const indent = indentOf(line);
  const text = line.trim();
  const fence = FENCE.exec(text);
  if (fence !== null) return fencedCode(lines, at, indent, fence[1] ?? fence[3]!, fence[2] ?? fence[4] ?? '');
  const container = CONTAINER.exec(text);
  if (container !== null) return readContainer(lines, at, container, closings);
  const heading = HEADING.exec(text);
  if (heading !== null) return [[headingOf(heading[1]!.length, heading[2] ?? '')], at + 1];
  if (DIVIDER.test(text)) return [[{ kind: 'divider' }], at + 1];
  if (QUOTE.test(text)) return readQuote(lines, at);
  if (ITEM.test(text)) return readList(lines, at);
  if (beginsTable(text, lines[at + 1]?.trim())) return readTable(lines, at);
  const embed = EMBED.exec(text);
  if (embed !== null) return [[embedOf(embed[1]!, embed[2]!)], at + 1];
  if (FORMULA.test(text))
    return rawUntil(lines, at, (each, index) => /\$\$\s*$/.test(each) && (index > at || each.trim().length > 3));
  if (DEFINITION.test(text)) return readDefinition(lines, at);
  const html = htmlEnd(text, false);
  if (html !== undefined) return readHtml(lines, at, html.end);
  return readParagraph(lines, at);
}

function indentOf(line: string): number {
  return /^ */.exec(line)![0].length;
}

function headingOf(level: number, text: string): ReadBlock {
  const open = text.trim().replace(/(^|[ \t])#+$/, '');
  return { kind: 'heading', level, text: open.trim() };
}

function embedOf(service: string, text: string): ReadBlock {
  return service === 'card' && /^https?:\/\/\S+$/.test(text.trim())
    ? { kind: 'card', url: text.trim() }
    : { kind: 'embed', service, text };
}

function indentedCode(lines: readonly string[], at: number): Found {
  let end = at;
  for (let next = at; next < lines.length && /^(?: {4}|\t|\s*$)/.test(lines[next]!); next++) {
    if (lines[next]!.trim() !== '') end = next + 1;
  }
  const code = lines.slice(at, end).map((line) => line.replace(/^(?: {4}|\t)/, ''));
  return [[{ kind: 'code', info: '', text: code.join('\n') }], end];
}

function fencedCode(lines: readonly string[], at: number, indent: number, fence: string, info: string): Found {
  const closes = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`);
  let end = at + 1;
  while (end < lines.length && !closes.test(lines[end]!)) end++;
  const unindented = new RegExp(`^ {0,${indent}}`);
  const code = lines.slice(at + 1, end).map((line) => line.replace(unindented, ''));
  return [[{ kind: 'code', info: info.trim(), text: code.join('\n') }], Math.min(end + 1, lines.length)];
}

/** A container of Zenn, up to the line of as many colons; one that nobody closes is a line of text of its own. */
function readContainer(
  lines: readonly string[],
  at: number,
  [, colons, name, rest]: RegExpExecArray,
  closings: readonly Closing[],
): Found {
  const end = closings.find((closing) => closing.at > at && closing.colons >= colons!.length)?.at;
  if (name === '' || end === undefined) return [[{ kind: 'paragraph', text: lines[at]!.trim() }], at + 1];
  const text = inner(lines.slice(at + 1, end));
  if (name === 'details') return [[{ kind: 'details', title: rest!.trim(), text }], end + 1];
  if (name === 'message' && /^(?:alert)?$/.test(rest!.trim())) {
    return [[{ kind: 'message', alert: rest!.trim() === 'alert', text }], end + 1];
  }
  return [
    [
      {
        kind: 'raw',
        text: lines
          .slice(at, end + 1)
          .join('\n')
          .trim(),
      },
    ],
    end + 1,
  ];
}

/** Lines without the empty ones around them. */
function inner(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** A quote with the lines of its last paragraph that lack the sign. */
function readQuote(lines: readonly string[], at: number): Found {
  const quoted: string[] = [];
  let next = at;
  for (; next < lines.length; next++) {
    // whatever indents a line that is no code: a tab behind a space, the wide space of Japanese texts
    const line = lines[next]!.replace(/^(?! {4}|\t)\s+(?=>)/, '');
    if (QUOTE.test(line)) quoted.push(line.replace(QUOTE, ''));
    else if (line.trim() === '' || isFresh(line) || quoted.at(-1)?.trim() === '') break;
    else quoted.push(line.trim());
  }
  const text = inner(quoted);
  const alert = /^\[!(NOTE|WARNING)\](?:\n|$)/.exec(text);
  if (alert === null) return [[{ kind: 'quote', text }], next];
  return [
    [{ kind: 'message', alert: alert[1] === 'WARNING', text: inner(text.slice(alert[0].length).split('\n')) }],
    next,
  ];
}

/** Whether a line is no continuation of what is above. */
function isFresh(line: string): boolean {
  return interrupts(line.trim()) || ITEM.test(line.trim());
}

/** A list, with what is indented below its items, and other items of the same sign. */
function readList(lines: readonly string[], at: number): Found {
  const sign = signOf(lines[at]!)!;
  let end = at + 1;
  for (let next = at + 1, blank = false; next < lines.length; next++) {
    const line = lines[next]!;
    if (line.trim() === '') {
      blank = true;
      continue;
    }
    const isDeeper = /^(?: {2}|\t)/.test(line);
    const isItem = indentOf(line) < 2 && signOf(line) === sign && !DIVIDER.test(line.trim());
    if (!isDeeper && !isItem && (blank || isFresh(line))) break;
    blank = false;
    end = next + 1;
  }
  const list = lines.slice(at, end).map((line) => line.trimEnd());
  const indent = indentOf(list[0]!);
  return [
    [{ kind: 'list', text: list.map((line) => line.replace(new RegExp(`^ {0,${indent}}`), '')).join('\n') }],
    end,
  ];
}

/** What the items of a list have in common: the bullet, or what stands behind the number. */
function signOf(line: string): string | undefined {
  return ITEM.exec(line.trim())?.[1]?.at(-1);
}

function readTable(lines: readonly string[], at: number): Found {
  let end = at + 2;
  while (end < lines.length && lines[end]!.trim() !== '' && !interrupts(lines[end]!.trim())) end++;
  return [
    [
      {
        kind: 'table',
        text: lines
          .slice(at, end)
          .map((line) => line.trim())
          .join('\n'),
      },
    ],
    end,
  ];
}

function rawUntil(lines: readonly string[], at: number, isLast: (line: string, index: number) => boolean): Found {
  let end = at;
  while (end < lines.length && !isLast(lines[end]!, end)) end++;
  const next = Math.min(end + 1, lines.length);
  return [[{ kind: 'raw', text: lines.slice(at, next).join('\n').trim() }], next];
}

/** What a label means, with the indented lines below; definitions that follow are of one block. */
function readDefinition(lines: readonly string[], at: number): Found {
  let end = at + 1;
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next]!;
    if (line.trim() === '') continue;
    const follows = /^(?: {2}|\t)/.test(line) || (next === end && (DEFINITION.test(line) || !isFresh(line)));
    if (!follows) break;
    end = next + 1;
  }
  return [[{ kind: 'raw', text: lines.slice(at, end).join('\n').trim() }], end];
}

/** HTML, up to what ends it; details in the form that we write are no HTML. */
function readHtml(lines: readonly string[], at: number, end: RegExp | undefined): Found {
  const summary = /^<details><summary>([^<]*)<\/summary>$/.exec(lines[at]!.trim());
  const close = summary === null ? -1 : lines.findIndex((line, index) => index > at && /^<\/?details>/.test(line));
  if (summary !== null && lines[close]?.trimEnd() === '</details>') {
    return [[{ kind: 'details', title: unescaped(summary[1]!), text: inner(lines.slice(at + 1, close)) }], close + 1];
  }
  if (end !== undefined) return rawUntil(lines, at, (line) => end.test(line));
  return rawUntil(lines, at, (_, index) => (lines[index + 1] ?? '').trim() === '');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** A paragraph, a heading that is underlined, an image; an address alone on its line is a card between paragraphs. */
function readParagraph(lines: readonly string[], at: number): Found {
  const paragraph = [lines[at]!.trim()];
  for (let next = at + 1; ; next++) {
    const line = lines[next]?.trim() ?? '';
    const underline = UNDERLINE.test(line) && !BARE_URL.test(paragraph.at(-1)!);
    if (underline) return [[headingOf(line.startsWith('=') ? 1 : 2, paragraph.join(' '))], next + 1];
    const isTable = beginsTable(line, lines[next + 1]?.trim());
    if (line === '' || interrupts(line) || isTable) return [paragraphsOf(paragraph), next];
    paragraph.push(line);
  }
}

function paragraphsOf(lines: readonly string[]): ReadBlock[] {
  const image = IMAGE.exec(lines[0]!);
  const caption = CAPTION.exec(lines[1] ?? '');
  if (image !== null && (lines.length === 1 || (lines.length === 2 && caption !== null))) {
    const alt = image[1]!.replace(/\\(.)/g, '$1');
    return [{ kind: 'image', url: image[2]!, alt, ...(caption === null ? {} : { caption: caption[1]! }) }];
  }
  const blocks: ReadBlock[] = [];
  let text: string[] = [];
  const flush = (): void => {
    if (text.length > 0) blocks.push({ kind: 'paragraph', text: text.join('\n') });
    text = [];
  };
  for (const line of lines) {
    if (!BARE_URL.test(line)) {
      text.push(line);
      continue;
    }
    flush();
    blocks.push({ kind: 'card', url: line });
  }
  flush();
  return blocks;
}
