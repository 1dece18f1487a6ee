import { isAscii } from 'node:buffer';
import { chanceOf } from './character-chance.ts';
import { decodeAs, isUtf8 } from './encodings.ts';
import { LANGUAGE_OF } from './languages.ts';

/** How many bytes decide which encoding they are in; a longer document is not more certain. */
const SAMPLE_BYTES = 64 * 1024;

/**
 * How likely characters of ASCII are, in any language. They count too: in Shift_JIS, Big5 and GB 18030 a byte of ASCII may be the second half of a
 * character, so the same bytes have more of them in one encoding than in another.
 */
const LETTER = Math.log(0.04);
const MARK = Math.log(0.008);
const CONTROL = Math.log(1e-6);

/**
 * The encoding that bytes are in, by themselves: UTF-16 and UTF-32 by their zeros, ISO-2022-JP by its escapes, UTF-8 by being valid, and others by
 * what they would say: it is that in which the bytes are the likeliest text of its language.
 */
export function guessEncoding(bytes: Uint8Array): string {
  const zeros = wideByZeros(bytes);
  if (zeros !== undefined) return zeros;
  if (isAscii(bytes)) return hasJisEscapes(bytes) ? 'iso-2022-jp' : 'utf-8';
  if (isUtf8(bytes) || isMostlyUtf8(bytes)) return 'utf-8';
  const sample = sampleOf(bytes);
  let best = { encoding: 'windows-1252', chance: Number.NEGATIVE_INFINITY };
  for (const encoding of LANGUAGE_OF.keys()) {
    const chance = chanceIn(encoding, sample);
    if (chance > best.chance) best = { encoding, chance };
  }
  return best.encoding;
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

/** Whether a text is UTF-8 with a few bytes that are not. Two bytes may look like a character of UTF-8 by chance, three hardly. */
export function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = decodeAs(sampleOf(bytes), 'utf-8');
  const countOf = (characters: RegExp): number => text.match(characters)?.length ?? 0;
  return countOf(/[\x80-\u07ff]/g) + 4 * countOf(/[^\x00-\u07ff\ufffd]/gu) > 2 * countOf(/\ufffd/g);
}

/** A claimed encoding is not believed when it is less likely than the guessed one by more than this, as a logarithm, for each character beyond ASCII. */
const DOUBT = 2;

/** Whether bytes are much likelier in the guessed encoding than in the claimed one; false if either is none of those that are weighed here. */
export function isDoubtful(claimed: string, guess: string, bytes: Uint8Array): boolean {
  if (!LANGUAGE_OF.has(claimed) || !LANGUAGE_OF.has(guess)) return false;
  const sample = sampleOf(bytes);
  const count = decodeAs(sample, guess).match(/[^\x00-\x7f]/gu)?.length ?? 0;
  return chanceIn(guess, sample) - chanceIn(claimed, sample) > DOUBT * Math.max(count, 4);
}

/** The natural logarithm of how likely bytes are as text of an encoding's language: by each character, and by what kind of character follows. */
function chanceIn(encoding: string, bytes: Uint8Array): number {
  const { next } = LANGUAGE_OF.get(encoding)!;
  const [same, letter, other] = [next.same, next.letter, next.other].map(Math.log) as [number, number, number];
  const chance = chanceOf(encoding);
  let sum = 0;
  let before = '';
  for (const char of decodeAs(bytes, encoding)) {
    const isLetter = (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');
    const isBehind = before >= '\u0080';
    if (char >= '\u0080') sum += chance(char, before) + (isBehind ? same : 0);
    else {
      sum += isLetter || char === ' ' ? LETTER : char < ' ' && !/\s/.test(char) ? CONTROL : MARK;
      if (isBehind) sum += isLetter ? letter : other;
    }
    before = char;
  }
  return sum;
}
