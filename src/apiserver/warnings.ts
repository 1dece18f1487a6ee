/** How many characters all warnings of an answer may have together, and how many each when that is too little. */
const MAX_ALL = 4096;
const MAX_EACH = 256;

/**
 * The texts of an answer's warnings as kube-apiserver sends them: once all together are too long, each is cut, and
 * when the cut ones are too many, the rest is left out.
 */
export function limitWarnings(texts: readonly string[]): string[] {
  if (texts.reduce((sum, text) => sum + lengthOf(text), 0) <= MAX_ALL) return [...texts];
  const overflow = firstBeyond(texts);
  const shown = texts.slice(0, overflow + 1).map(cut);
  let written = shown.reduce((sum, text) => sum + lengthOf(text), 0);
  for (const text of texts.slice(overflow + 1)) {
    if (written >= MAX_ALL) break;
    shown.push(cut(text));
    written += lengthOf(cut(text));
  }
  return shown;
}

/** The index of the text with which all of them become too long. */
function firstBeyond(texts: readonly string[]): number {
  let written = 0;
  return texts.findIndex((text) => {
    written += lengthOf(text);
    return written > MAX_ALL;
  });
}

function cut(text: string): string {
  return text.length <= MAX_EACH ? text : [...text].slice(0, MAX_EACH).join('');
}

/** In characters (Unicode code points), as Go counts runes. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
