import { ITEM } from '../markdown/openers.ts';

/** A list as items whose texts are Markdown of their own. */
export interface ListItems {
  readonly isOrdered: boolean;
  readonly start: number;
  /** Whether no empty line parts its items: what is in them are no paragraphs of their own. */
  readonly isTight: boolean;
  readonly items: readonly string[];
}

/** The items of the text of a list. */
export function listItems(text: string): ListItems {
  const items: string[][] = [];
  let indent = 0;
  let isTight = true;
  let blank = false;
  for (const line of text.split('\n')) {
    const found = /^ ?\S/.test(line) ? ITEM.exec(line.trim()) : null;
    if (found !== null) {
      if (blank) isTight = false;
      indent = line.length - line.trimStart().length + found[1]!.length + Math.min(found[2]?.length ?? 1, 4);
      items.push([found[3] ?? '']);
    } else items.at(-1)?.push(line.slice(Math.min(indent, /^\s*/.exec(line)![0].length)));
    blank = line.trim() === '';
  }
  const [, sign = '-'] = ITEM.exec(text.trim()) ?? [];
  const start = Number.parseInt(sign, 10);
  return { isOrdered: !Number.isNaN(start), start: start || 0, isTight, items: items.map((lines) => lines.join('\n')) };
}
