import MarkdownIt from 'markdown-it';
import type { Heading } from './render-readme.ts';
import { Slugger } from './slugger.ts';
import { withoutUnclosed } from './unclosed.ts';

type Core = Parameters<Parameters<MarkdownIt['core']['ruler']['push']>[1]>[0];
type Token = Core['tokens'][number];

/** HTML of a document, not safe yet, with its headings. */
export interface ParsedMarkdown {
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** Reads Markdown as GitHub does, with HTML in it. */
export function parseMarkdown(markdown: string): ParsedMarkdown {
  const env: { headings: Heading[] } = { headings: [] };
  return { html: PARSER.render(markdown, env), headings: env.headings };
}

const PARSER = parser();

function parser(): MarkdownIt {
  const md = new MarkdownIt({ html: true, linkify: true });
  // addresses are judged where the page is made safe, which also counts them
  md.validateLink = () => true;
  // of names as README.md no links are made, as GitHub makes none
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  md.linkify.add('www.', {
    validate: (text, at) =>
      /^[\w-]+(?:\.[\w-]+)+(?:[/?#][^\s<>()"']*[^\s<>()"'.,:;!?])?/.exec(text.slice(at))?.[0].length ?? 0,
    normalize: (match) => {
      match.url = `http://${match.url}`;
    },
  });
  md.core.ruler.push('headings', nameHeadings);
  md.core.ruler.push('tasks', markTasks);
  md.core.ruler.push('align', alignCells);
  md.core.ruler.push('unclosed', escapeUnclosed);
  md.renderer.rules['table_open'] = () => '<div class="table"><table>\n';
  md.renderer.rules['table_close'] = () => '</table></div>\n';
  return md;
}

function nameHeadings({ tokens, env }: Core): void {
  const slugger = new Slugger();
  const { headings } = env as { headings: Heading[] };
  for (const [i, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const text = textOf(tokens[i + 1]!);
    const id = slugger.slug(text);
    if (id === '') continue;
    token.attrSet('id', id);
    headings.push({ id, level: Number(token.tag.slice(1)), text: text.trim() });
  }
}

function textOf({ children }: Token): string {
  return (children ?? [])
    .map(({ type, content }) =>
      type === 'text' || type === 'code_inline' ? content : type === 'softbreak' || type === 'hardbreak' ? ' ' : '',
    )
    .join('');
}

/** `[ ]` and `[x]` at the beginning of an item are boxes. */
function markTasks({ tokens, Token }: Core): void {
  for (const [i, token] of tokens.entries()) {
    const isFirst =
      token.type === 'inline' && tokens[i - 1]?.type === 'paragraph_open' && tokens[i - 2]?.type === 'list_item_open';
    const first = token.children?.[0];
    const [box, mark] = (isFirst && first?.type === 'text' && /^\[([ xX])\](?=\s|$)/.exec(first.content)) || [];
    if (box === undefined || !first) continue;
    first.content = first.content.slice(box.length);
    const input = new Token('html_inline', '', 0);
    input.content = `<input type="checkbox" disabled${mark === ' ' ? '' : ' checked'}>`;
    token.children!.unshift(input);
    tokens[i - 2]!.attrSet('class', 'task');
  }
}

/** Cells have `align`, as GitHub gives it, in place of a style, which a strict page does not allow. */
function alignCells({ tokens }: Core): void {
  for (const token of tokens) {
    if (token.type !== 'td_open' && token.type !== 'th_open') continue;
    const align = /^text-align:(\w+)$/.exec(String(token.attrGet('style') ?? ''))?.[1];
    if (align !== undefined) token.attrs = [['align', align]];
  }
}

/** Escapes elements that never end: one that begins in a paragraph must end there, one that stands between paragraphs before the next heading. */
function escapeUnclosed({ tokens }: Core): void {
  const open = new Map<number, Token[]>();
  for (const token of tokens) {
    if (token.type === 'inline') escapeIn((token.children ?? []).filter(({ type }) => type === 'html_inline'));
    if (token.type === 'html_block') {
      if (!open.has(token.level)) open.set(token.level, []);
      open.get(token.level)!.push(token);
    }
    if (token.type !== 'heading_open') continue;
    for (const blocks of open.values()) escapeIn(blocks);
    open.clear();
  }
  for (const blocks of open.values()) escapeIn(blocks);
}

function escapeIn(tokens: readonly Token[]): void {
  for (const [i, content] of withoutUnclosed(tokens.map((token) => token.content)).entries())
    tokens[i]!.content = content;
}
