import type { Block } from '../issue/model.ts';
import { BARE_URL } from './openers.ts';
import { SEPARATOR } from './read-blocks.ts';

/** Zenn's Markdown, or the one that most places know (GitHub's). */
export type MarkdownFlavor = 'zenn' | 'markdown';

/** Blocks in normal form as Markdown, with an empty line between them. */
export function writeBlocks(blocks: readonly Omit<Block, 'id'>[], flavor: MarkdownFlavor): string {
  let text = '';
  blocks.forEach((block, index) => {
    if (index > 0) text += '\n\n';
    if (block.kind === 'list' && blocks[index - 1]?.kind === 'list') text += `${SEPARATOR}\n\n`;
    text += writeBlock(block, flavor);
  });
  return text;
}

/** One block as Markdown. */
export function writeBlock(block: Omit<Block, 'id'>, flavor: MarkdownFlavor): string {
  const { kind, text = '', url = '' } = block;
  switch (kind) {
    case 'heading':
      return `${'#'.repeat(block.level ?? 4)} ${text}`.trimEnd();
    case 'quote':
      return quoted(text);
    case 'code':
      return fenced(text, block.info ?? '');
    case 'card':
      return isPlainUrl(url) ? url : `@[card](${url})`;
    case 'image': {
      const image = `![${(block.alt ?? '').replace(/[\\[\]]/g, '\\$&')}](${url})`;
      return block.caption === undefined ? image : `${image}\n*${block.caption}*`;
    }
    case 'message':
      if (flavor === 'zenn') return contained(block.alert ? 'message alert' : 'message', text);
      return quoted(`[!${block.alert ? 'WARNING' : 'NOTE'}]${text === '' ? '' : `\n${text}`}`);
    case 'details':
      if (flavor === 'zenn' || /^<\/?details>/m.test(text)) return contained(`details ${block.title}`, text);
      return `<details><summary>${escaped(block.title ?? '')}</summary>\n\n${text}\n\n</details>`;
    case 'embed':
      return `@[${block.service}](${text})`;
    case 'divider':
      return '---';
    default:
      return text;
  }
}

/** Whether all that look for addresses see the end of this one. */
export function isPlainUrl(url: string): boolean {
  return BARE_URL.test(url) && /[A-Za-z0-9/=_-]$/.test(url) && !/[()[\]*']/.test(url);
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function fenced(text: string, info: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${info}\n${text === '' ? '' : `${text}\n`}${fence}`;
}

/** In one of Zenn's containers, with more colons than any line within begins with. */
function contained(head: string, text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/^[ \t]*(:+)/gm)].map(([, run]) => run!.length));
  const colons = ':'.repeat(Math.max(3, longest + 1));
  return `${colons}${head}\n${text === '' ? '' : `${text}\n`}${colons}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
