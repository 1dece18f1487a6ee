import { isAscii } from 'node:buffer';
import { decodeAs, isUtf8 } from './encodings.ts';

/** How many bytes decide which encoding they are in; a longer document is not more certain. */
const SAMPLE_BYTES = 64 * 1024;

/** What the most frequent characters of a language are, and how many of a hundred they are at least. */
const LANGUAGES: readonly {
  readonly encodings: readonly string[];
  readonly frequent: ReadonlySet<string>;
  readonly share: number;
}[] = [
  { encodings: ['euc-kr'], frequent: new Set('이다에는의을가고하지로기도한사를은인서대시'), share: 0.15 },
  { encodings: ['gb18030'], frequent: new Set('的一是不了在人有我他这个们中来上大为和国的，。'), share: 0.08 },
  { encodings: ['big5'], frequent: new Set('的一是不了在人有我他這個們中來上大為和國的，。'), share: 0.08 },
  { encodings: ['koi8-r', 'windows-1251'], frequent: new Set('оеаинтсрвл'), share: 0.4 },
];

/**
 * The encoding that bytes are in, by themselves: UTF-16 and UTF-32 by their zeros, ISO-2022-JP by its escapes, UTF-8 by being valid,
 * Shift_JIS and EUC-JP by being valid and looking like Japanese, others by the frequent characters of a language, and windows-1252
 * as what is left.
 */
export function guessEncoding(bytes: Uint8Array): string {
  const zeros = wideByZeros(bytes);
  if (zeros !== undefined) return zeros;
  if (isAscii(bytes)) return hasJisEscapes(bytes) ? 'iso-2022-jp' : 'utf-8';
  if (isUtf8(bytes) || isMostlyUtf8(bytes)) return 'utf-8';
  const sample = sampleOf(bytes);
  const japanese = ['euc-jp', 'shift_jis']
    .map((encoding) => ({ encoding, ...japaneseScore(decodeAs(sample, encoding)) }))
    .reduce((one, other) => (other.score > one.score ? other : one));
  if (japanese.score > 0 && japanese.kana > 0.1) return japanese.encoding;
  return byFrequentCharacters(sample) ?? (japanese.score > 0 ? japanese.encoding : 'windows-1252');
}

/** UTF-16 and UTF-32 without a mark: near the beginning of markup most bytes of a unit are zero, always the same. */
function wideByZeros(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 64);
  if (head.length < 4) return undefined;
  const zeros = [0, 0, 0, 0];
  head.forEach((byte, at) => {
    if (byte === 0) zeros[at % 4]!++;
  });
  const [a, b, c, d] = zeros.map((count) => count > head.length * 0.15);
  if (a && b && c && !d) return 'utf-32be';
  if (!a && b && c && d) return 'utf-32le';
  if (a && !b && c && !d) return 'utf-16be';
  return !a && b && !c && d ? 'utf-16le' : undefined;
}

/** ESC $ B, ESC $ @, ESC ( J and ESC ( I, which occur in nothing else. */
function hasJisEscapes(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(0x1b);
  const sample = bytes.subarray(first, first + SAMPLE_BYTES);
  return first >= 0 && /\x1b(?:\$[B@]|\([JI])/.test(Buffer.from(sample).toString('latin1'));
}

/** The part of bytes that says most of their encoding: from the first that is not ASCII. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  let first = 0;
  while (first < bytes.length && bytes[first]! < 0x80) first++;
  return bytes.subarray(first, first + SAMPLE_BYTES);
}

/** Whether a text is UTF-8 with a few bytes that are not: more characters of several bytes than faults. */
export function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = decodeAs(sampleOf(bytes), 'utf-8');
  const faults = text.split('\ufffd').length - 1;
  const characters = text.match(/[^\x00-\x7f\ufffd]/gu)?.length ?? 0;
  return characters > faults;
}

/** Whether bytes may be Japanese in an encoding. */
export function isJapaneseIn(encoding: string, bytes: Uint8Array): boolean {
  return japaneseScore(decodeAs(sampleOf(bytes), encoding)).score > 0;
}

/**
 * How much a text looks like Japanese, and what part of it is kana.
 *
 * Nearly any bytes are valid in Shift_JIS, also those of EUC-JP and of western texts. What tells them apart is what comes out:
 * Japanese has kana between its characters, and neither half-width katakana one by one, nor characters for private use, nor faults;
 * and its characters stand together, where the accents of a western text make a kanji here and there.
 */
function japaneseScore(text: string): { score: number; kana: number } {
  let score = 0;
  let kana = 0;
  let count = 0;
  let alone = 0;
  for (const [run] of text.matchAll(/[^\x00-\x7f]+/g)) {
    if (run.length === 1) alone++;
    for (const char of run) {
      const code = char.codePointAt(0)!;
      count++;
      if (code >= 0x3041 && code <= 0x30fc) kana++;
      score += japaneseWeight(code);
    }
  }
  if (count === 0) return { score: 0, kana: 0 };
  return { score: alone > count / 2 ? -1 : score / count, kana: kana / count };
}

function japaneseWeight(code: number): number {
  if (code === 0xfffd || code <= 0x9f || (code >= 0xe000 && code <= 0xf8ff)) return -8;
  if (code >= 0x3041 && code <= 0x30fc) return 2;
  if (code >= 0x3001 && code <= 0x301f) return 1;
  if (code >= 0xff61 && code <= 0xff9f) return -0.6;
  if (code >= 0xff01 && code <= 0xff60) return 0.5;
  if (code >= 0x4e00 && code <= 0x9fff) return 0.3;
  return -0.5;
}

/** The encoding in which the most frequent characters of its language are as many as they should be. */
function byFrequentCharacters(sample: Uint8Array): string | undefined {
  let best: { readonly encoding: string; readonly fit: number } | undefined;
  for (const { encodings, frequent, share } of LANGUAGES)
    for (const encoding of encodings) {
      const fit = shareOf(decodeAs(sample, encoding), frequent) / share;
      if (fit >= 1 && fit > (best?.fit ?? 0)) best = { encoding, fit };
    }
  return best?.encoding;
}

function shareOf(text: string, frequent: ReadonlySet<string>): number {
  let found = 0;
  let count = 0;
  for (const char of text) {
    if (char < '\u0080') continue;
    count++;
    if (frequent.has(char)) found++;
    if (char === '\ufffd') found--;
  }
  return count < 4 ? 0 : found / count;
}
