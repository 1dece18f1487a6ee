const PICTURE = new RegExp('^(?:\\p{RGI_Emoji}|\\p{Extended_Pictographic}\\ufe0f?)$', 'v');
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Whether a text is one emoji, however many code points that takes (flags, families, tones of skin). */
export function isEmoji(text: string): boolean {
  return PICTURE.test(text) && [...graphemes.segment(text)].length === 1;
}

/** The emoji that a title begins with, and the rest. */
export function splitEmoji(title: string): { readonly emoji?: string; readonly title: string } {
  const first = graphemes.segment(title)[Symbol.iterator]().next().value?.segment;
  if (first === undefined || !isEmoji(first)) return { title };
  const rest = title.slice(first.length);
  return rest === '' || rest.startsWith(' ') ? { emoji: first, title: rest.trim() } : { title };
}
