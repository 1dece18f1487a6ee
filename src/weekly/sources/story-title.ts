import { readInline } from '../markdown/inline.ts';
import { markdownOfText } from '../markdown/markdown-of-text.ts';

/** Characters of a title that are kept; the API allows no more. */
const TITLE_LIMIT = 500;

/** Signs that are not shown, but obeyed: by terminals, and by what sets a text from right to left. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;
/** What nobody sees. A title of nothing else is none. */
const UNSEEN = /[\s\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** What is HTML for other readers of Markdown than ours. */
const HTML = /<[A-Za-z/!?]/;

/**
 * The title of a story as somebody outside wrote it: a text, where a story's title is inline Markdown. Nothing in it becomes a link, an image,
 * an emphasis or HTML of what we publish; `code` stays code. Empty if there is nothing to be read.
 */
export function storyTitle(text: string): string {
  const line = shownLine(text);
  if (line.replace(UNSEEN, '') === '') return '';
  const signs = [...line];
  for (let length = Math.min(signs.length, TITLE_LIMIT); ; length = Math.floor(length * 0.9)) {
    const part = signs.slice(0, length).join('').trim();
    const title = isPlain(part) ? part : markdownOfText(part);
    if ([...title].length <= TITLE_LIMIT) return title;
  }
}

/** A text from outside as a line that is shown, and nothing in it obeyed. */
export function shownLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(OBEYED, '').trim();
}

/** Whether Markdown makes the same of a text that it says, but for code. */
function isPlain(text: string): boolean {
  const read = readInline(text).map((inline) => {
    if (inline.kind === 'text') return HTML.test(inline.text) ? undefined : inline.text;
    return inline.kind === 'code' ? `\`${inline.text}\`` : undefined;
  });
  return !HTML.test(text.replace(/`[^`]*`/g, '')) && read.every((one) => one !== undefined) && read.join('') === text;
}
