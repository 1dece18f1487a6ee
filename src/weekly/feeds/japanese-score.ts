/**
 * How much a text looks like Japanese: positive if it may be, and more the more it does.
 *
 * Nearly any bytes are valid in Shift_JIS, also those of EUC-JP and of western texts. What tells them apart is what comes out:
 * Japanese has kana between its characters, and neither half-width katakana one by one, nor characters for private use, nor faults.
 */
export function japaneseScore(text: string): number {
  let score = 0;
  let count = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code < 0x80) continue;
    count++;
    score += weightOf(code);
  }
  return count === 0 ? 0 : score / count;
}

function weightOf(code: number): number {
  if (code === 0xfffd) return -8;
  if (code >= 0x80 && code <= 0x9f) return -8;
  if (code >= 0xe000 && code <= 0xf8ff) return -8;
  if (code >= 0x3041 && code <= 0x3096) return 2;
  if (code >= 0x30a1 && code <= 0x30fc) return 2;
  if (code >= 0x3001 && code <= 0x301f) return 1;
  if (code >= 0xff61 && code <= 0xff9f) return -0.6;
  if (code >= 0xff01 && code <= 0xff60) return 0.5;
  if (code >= 0x4e00 && code <= 0x9fff) return 0.3;
  return -0.5;
}
