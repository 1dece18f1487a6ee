import type { Block } from '../issue/model.ts';
import { type Inline, plainText, readInline } from '../markdown/inline.ts';
import { cellsOf } from '../markdown/openers.ts';
import { type ReadBlock, readBlocks } from '../markdown/read-blocks.ts';
import { escapeHtml, safeImageUrl, safeUrl } from './escape.ts';
import { listItems } from './list-items.ts';

/** What is known of the page that a card links to. */
export interface CardInfo {
  readonly title?: string;
  readonly description?: string;
  readonly site?: string;
}

/** How blocks are shown. */
export interface HtmlStyle {
  /** The attributes of an element that give it its looks, with a space in front: a class, or styles of its own. */
  readonly look: (name: LookName) => string;
  /** Whether images are shown; otherwise they are links, so that reading tells nobody. */
  readonly showsImages: boolean;
  /** Whether readers can unfold details, and reach what scrolls by keyboard. */
  readonly isInteractive: boolean;
  /** What cards say beside their addresses. */
  readonly cards: ReadonlyMap<string, CardInfo>;
}

/** What has looks of its own. */
export type LookName =
  | 'paragraph'
  | 'card'
  | 'cardText'
  | 'message'
  | 'alert'
  | 'quote'
  | 'pre'
  | 'code'
  | 'table'
  | 'cell'
  | 'footnote'
  | 'list';

/** How deep lists, quotes and boxes are shown in each other; what is deeper is shown as its text. */
const MOST_DEPTH = 12;

/**
 * Blocks as HTML. All text is escaped, all elements are ours, and links lead to the web or mail alone: nothing of a text is
 * taken for HTML.
 *
 * @param base the level of a heading whose level is 4
 */
export function htmlOfBlocks(blocks: readonly Omit<Block, 'id'>[], base: number, style: HtmlStyle): string {
  return blocks.map((block) => htmlOfBlock(block, base, style, 0)).join('\n');
}

/** One block as HTML. */
export function htmlOfBlock(block: ReadBlock, base: number, style: HtmlStyle, depth = 0): string {
  const { text = '' } = block;
  const { look } = style;
  const nested = (markdown: string): string => htmlOfMarkdown(markdown, base, style, depth + 1);
  switch (block.kind) {
    case 'paragraph':
      return `<p${look('paragraph')}>${htmlOfInline(text, style)}</p>`;
    case 'heading': {
      const level = Math.min(6, (block.level ?? 4) - 4 + base);
      return `<h${level}>${htmlOfInline(text, style)}</h${level}>`;
    }
    case 'list':
      return htmlOfList(text, base, style, depth);
    case 'quote':
      return `<blockquote${look('quote')}>${nested(text)}</blockquote>`;
    case 'code':
      return htmlOfCode(text, block.info ?? '', style);
    case 'card':
      return htmlOfCard(block.url ?? '', style);
    case 'image':
      return htmlOfImage(block, style);
    case 'message':
      return `<div role="note"${look(block.alert ? 'alert' : 'message')}>${nested(text)}</div>`;
    case 'details':
      if (!style.isInteractive)
        return `<p${look('paragraph')}><strong>${escapeHtml(block.title ?? '')}</strong></p>\n${nested(text)}`;
      return `<details><summary>${escapeHtml(block.title ?? '')}</summary>${nested(text)}</details>`;
    case 'table':
      return htmlOfTable(text, style);
    case 'embed':
      return htmlOfEmbed(block, style);
    case 'divider':
      return '<hr>';
    case 'raw':
      return htmlOfRaw(text, style);
  }
}

function htmlOfMarkdown(markdown: string, base: number, style: HtmlStyle, depth: number): string {
  if (depth > MOST_DEPTH) return htmlOfCode(markdown, '', style);
  return readBlocks(markdown)
    .map((block) =>
      htmlOfBlock(
        block.kind === 'heading' ? { ...block, level: Math.max(4, block.level!) } : block,
        base,
        style,
        depth,
      ),
    )
    .join('\n');
}

/** Inline Markdown as HTML. */
export function htmlOfInline(text: string, style: Pick<HtmlStyle, 'showsImages' | 'look'>): string {
  return readInline(text)
    .map((inline) => htmlOfPiece(inline, style))
    .join('');
}

const ELEMENTS = { strong: 'strong', emphasis: 'em', strike: 'del' } as const;

function htmlOfPiece(inline: Inline, { showsImages, look }: Pick<HtmlStyle, 'showsImages' | 'look'>): string {
  switch (inline.kind) {
    case 'text':
      return escapeHtml(inline.text);
    case 'code':
      return `<code${look('code')}>${escapeHtml(inline.text)}</code>`;
    case 'formula':
      return `<code${look('code')}>${escapeHtml(inline.text)}</code>`;
    case 'break':
      return '<br>\n';
    case 'footnote':
      return `<sup>[${escapeHtml(inline.label)}]</sup>`;
    case 'image': {
      const url = safeImageUrl(inline.url);
      if (url === undefined) return escapeHtml(inline.alt);
      return showsImages ? imageTag(url, inline.alt) : escapeHtml(inline.alt || url);
    }
    case 'open':
      return inline.mark === 'link' ? openLink(inline.url) : `<${ELEMENTS[inline.mark]}>`;
    case 'close':
      return inline.mark === 'link' ? '</a>' : `</${ELEMENTS[inline.mark]}>`;
  }
}

/** A link; one to where none may lead has no address, so that it is text. */
function openLink(target: string): string {
  const url = safeUrl(target);
  return url === undefined ? '<a>' : `<a href="${escapeHtml(url)}" rel="noopener noreferrer">`;
}

function imageTag(url: string, alt: string): string {
  return `<img src="${escapeHtml(url)}" alt="${escapeHtml(alt)}" loading="lazy" referrerpolicy="no-referrer">`;
}

function htmlOfList(text: string, base: number, style: HtmlStyle, depth: number): string {
  const { isOrdered, start, isTight, items } = listItems(text);
  const element = isOrdered ? 'ol' : 'ul';
  const first = isOrdered && start !== 1 ? ` start="${start}"` : '';
  const lines = items.map((item) => {
    const [opening, ...rest] = depth < MOST_DEPTH ? readBlocks(item) : [];
    if (!isTight || opening?.kind !== 'paragraph') return `<li>${htmlOfMarkdown(item, base, style, depth + 1)}</li>`;
    const others = rest.map((block) => htmlOfBlock(block, base, style, depth + 1));
    return `<li>${[htmlOfInline(opening.text!, style), ...others].join('\n')}</li>`;
  });
  return `<${element}${first}${style.look('list')}>\n${lines.join('\n')}\n</${element}>`;
}

function htmlOfCode(text: string, info: string, { look, isInteractive }: HtmlStyle): string {
  const [, language = '', file] = /^(?:diff )?([^\s:]*)(?::(.*))?/.exec(info)!;
  const name = language === '' || !isInteractive ? '' : ` class="language-${escapeHtml(language)}"`;
  // what scrolls must be reached by keyboard
  const reach = isInteractive ? ' tabindex="0"' : '';
  const code = `<pre${reach}${look('pre')}><code${name}>${escapeHtml(text)}</code></pre>`;
  return file === undefined || file === '' ? code : `<p${look('footnote')}>${escapeHtml(file)}</p>\n${code}`;
}

function htmlOfCard(url: string, { cards, look }: HtmlStyle): string {
  const { title = url, description, site = URL.canParse(url) ? new URL(url).host : '' } = cards.get(url) ?? {};
  const said =
    description === undefined || description === ''
      ? ''
      : `<br><span${look('cardText')}>${escapeHtml(description)}</span>`;
  return `<p${look('card')}>${openLink(url)}${escapeHtml(title)}</a>${said}<br><span${look('cardText')}>${escapeHtml(site)}</span></p>`;
}

function htmlOfImage({ url = '', alt = '', caption }: ReadBlock, style: HtmlStyle): string {
  const target = safeUrl(url);
  const said = caption === undefined ? '' : htmlOfInline(caption, style);
  const source = safeImageUrl(url);
  if (source === undefined || !style.showsImages) {
    const link = target === undefined ? escapeHtml(alt) : `${openLink(target)}${escapeHtml(alt || url)}</a>`;
    return `<p${style.look('paragraph')}>🖼 ${link}${said === '' ? '' : `<br>\n${said}`}</p>`;
  }
  return `<figure>${imageTag(source, alt)}${said === '' ? '' : `<figcaption>${said}</figcaption>`}</figure>`;
}

function htmlOfTable(text: string, style: HtmlStyle): string {
  const [head = '', rule = '', ...rows] = text.split('\n');
  const sides = cellsOf(rule).map((cell) =>
    cell.endsWith(':') ? (cell.startsWith(':') ? 'center' : 'right') : undefined,
  );
  const row = (line: string, element: 'th' | 'td'): string => {
    const cells = cellsOf(line).map((cell, index) => {
      const side = sides[index] === undefined ? '' : ` align="${sides[index]}"`;
      return `<${element}${element === 'th' ? ' scope="col"' : ''}${side}${style.look('cell')}>${htmlOfInline(cell.replaceAll('\\|', '|'), style)}</${element}>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  };
  const body = rows.map((line) => row(line, 'td')).join('\n');
  const table = `<table${style.look('table')}>\n<thead>${row(head, 'th')}</thead>\n<tbody>${body}</tbody>\n</table>`;
  return style.isInteractive ? `<div class="scroll" tabindex="0">${table}</div>` : table;
}

/** Something that Zenn shows within the page is a link here, since showing it would tell its place of the reader. */
function htmlOfEmbed({ service = '', text = '' }: ReadBlock, { look }: HtmlStyle): string {
  const url = service === 'youtube' && /^[\w-]+$/.test(text) ? `https://www.youtube.com/watch?v=${text}` : text;
  const target = /^https?:\/\//.test(url) ? safeUrl(url) : undefined;
  const link = target === undefined ? escapeHtml(text) : `${openLink(target)}${escapeHtml(url)}</a>`;
  return `<p${look('card')}>${escapeHtml(service)}: ${link}</p>`;
}

/** What has no kind: notes are shown as such, what nobody is to see is not, and all else is shown as it was written. */
function htmlOfRaw(text: string, style: HtmlStyle): string {
  const note = /^\[\^([^\]\s]+)\]:\s*([^]*)$/.exec(text);
  if (note !== null) {
    const lines = note[2]!.replace(/\n\s+/g, '\n');
    return `<p${style.look('footnote')}><sup>[${escapeHtml(note[1]!)}]</sup> ${htmlOfInline(lines, style)}</p>`;
  }
  if (/^<!--[^]*-->$/.test(text) || /^\[[^\]]+\]:/.test(text)) return '';
  return htmlOfCode(text, '', style);
}

/** A title as plain text, for places that hold no elements. */
export function textOfTitle(title: string): string {
  return plainText(title).replace(/\s+/g, ' ');
}
