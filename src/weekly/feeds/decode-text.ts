import type { Defect } from './defect.ts';
import { decodeAs, encodingOf, isUtf8 } from './encodings.ts';
import { japaneseScore } from './japanese-score.ts';

/** What says how bytes are to be read, besides themselves. */
export interface EncodingHints {
  /** The header Content-Type that came with them. */
  readonly contentType?: string;
  /** `json` is UTF-8 unless it is evidently not; the others may declare an encoding in their first lines. */
  readonly syntax?: 'xml' | 'html' | 'json';
}

/** Bytes that became text. */
export interface DecodedText {
  /** Without byte order mark. */
  readonly text: string;
  /** The Encoding Standard's name of it, in lower case. */
  readonly encoding: string;
  /** What decided: the mark, the header, the document's own words, or the bytes. */
  readonly by: 'bom' | 'http' | 'declaration' | 'bytes';
  readonly defects: readonly Defect[];
}

/** How far into a document its declaration of an encoding may stand; browsers look as far in HTML. */
const PRESCAN_BYTES = 1024;

/** How many bytes decide which encoding they are in; a longer document is not more certain. */
const SAMPLE_BYTES = 64 * 1024;

/**
 * Reads bytes as text in the encoding that they are in.
 *
 * A byte order mark decides before the header, and the header before the document, as in RFC 7303 and in browsers. Both are believed
 * as long as the bytes can be meant so. Otherwise, and where nothing is said, the bytes decide: UTF-16 by its zeros, ISO-2022-JP by
 * its escapes, UTF-8 by being valid, Shift_JIS and EUC-JP by being valid and looking like Japanese, windows-1252 as what is left.
 */
export function decodeText(bytes: Uint8Array, hints: EncodingHints = {}): DecodedText {
  const mark = markOf(bytes);
  if (mark !== undefined) {
    const text = decodeAs(bytes.subarray(mark.length), mark.encoding);
    return { text, encoding: mark.encoding, by: 'bom', defects: invalidBytes(text, mark.encoding) };
  }
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const defects: Defect[] = [];
  const claims = claimsOf(bytes, hints, defects);
  const fromBytes = encodingByBytes(bytes, sample);
  const claim = claims[0];
  const isDifferent = claims.length > 1 && claims[1]!.encoding !== claim!.encoding;
  if (isDifferent) defects.push(conflict(claims));
  const believed = claims.find((one) => isCredible(one.encoding, fromBytes, sample));
  const encoding = believed?.encoding ?? fromBytes;
  if (claim !== undefined && claim !== believed) defects.push(wrong(claim, encoding));
  if (claim === undefined && encoding !== 'utf-8') defects.push(undeclared(encoding));
  const text = decodeAs(bytes, encoding);
  defects.push(...invalidBytes(text, encoding));
  return { text, encoding, by: believed?.by ?? 'bytes', defects };
}

interface Claim {
  readonly encoding: string;
  readonly by: 'http' | 'declaration';
}

function markOf(bytes: Uint8Array): { encoding: string; length: number } | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return { encoding: 'utf-32le', length: 4 };
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { encoding: 'utf-32be', length: 4 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** What the header and the document say, in the order in which they are believed. */
function claimsOf(bytes: Uint8Array, hints: EncodingHints, defects: Defect[]): Claim[] {
  const labels = [
    { label: charsetOf(hints.contentType ?? ''), by: 'http' as const },
    { label: declaredEncoding(bytes, hints.syntax ?? 'xml'), by: 'declaration' as const },
  ];
  return labels.flatMap(({ label, by }) => {
    if (label === undefined) return [];
    const encoding = encodingOf(label);
    if (encoding !== undefined) return [{ encoding, by }];
    defects.push({ code: 'EncodingUnknown', message: `encoding ${JSON.stringify(label)} is not known` });
    return [];
  });
}

/** The parameter charset of a Content-Type, as it is written there. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType)?.[1];
}

function declaredEncoding(bytes: Uint8Array, syntax: 'xml' | 'html' | 'json'): string | undefined {
  if (syntax === 'json') return undefined;
  const head = Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1').replaceAll('\0', '');
  const xml = /<\?xml\s[^>]*?encoding\s*=\s*["']?\s*([^\s"'?>]+)/i.exec(head)?.[1];
  return xml ?? /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head)?.[1];
}

function encodingByBytes(bytes: Uint8Array, sample: Uint8Array): string {
  const zeros = utf16ByZeros(sample);
  if (zeros !== undefined) return zeros;
  const isSevenBit = !sample.some((byte) => byte >= 0x80);
  if (isSevenBit && hasJisEscapes(sample)) return 'iso-2022-jp';
  if (isUtf8(bytes)) return 'utf-8';
  const scores = ['euc-jp', 'shift_jis'].map((encoding) => ({
    encoding,
    score: japaneseScore(decodeAs(sample, encoding)),
  }));
  const best = scores.reduce((one, other) => (other.score > one.score ? other : one));
  if (isMostlyUtf8(sample)) return 'utf-8';
  return best.score > 0 ? best.encoding : 'windows-1252';
}

/** UTF-16 without a mark: in markup every other byte near the beginning is zero. */
function utf16ByZeros(sample: Uint8Array): string | undefined {
  const head = sample.subarray(0, 64);
  const zeros = [0, 0];
  head.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]!++;
  });
  const half = head.length / 2;
  if (head.length >= 4 && zeros[0]! > half * 0.6 && zeros[1]! < half * 0.2) return 'utf-16be';
  if (head.length >= 4 && zeros[1]! > half * 0.6 && zeros[0]! < half * 0.2) return 'utf-16le';
  return undefined;
}

/** ESC $ B, ESC $ @, ESC ( J and ESC ( I, which occur in nothing else. */
function hasJisEscapes(sample: Uint8Array): boolean {
  return /\x1b(?:\$[B@]|\([JI])/.test(Buffer.from(sample).toString('latin1'));
}

/** A text in UTF-8 with a few bytes that are not: more characters of several bytes than faults. */
function isMostlyUtf8(sample: Uint8Array): boolean {
  const text = decodeAs(sample, 'utf-8');
  const faults = text.split('\ufffd').length - 1;
  const characters = text.match(/[^\x00-\x7f\ufffd]/gu)?.length ?? 0;
  return characters > faults * 2;
}

/** Whether bytes may be in an encoding that is claimed, by what they seem to be in. */
function isCredible(encoding: string, fromBytes: string, sample: Uint8Array): boolean {
  if (encoding === fromBytes) return true;
  if (encoding.startsWith('utf-16') || encoding.startsWith('utf-32')) return false;
  if (fromBytes.startsWith('utf-16') || fromBytes === 'iso-2022-jp') return false;
  const text = decodeAs(sample, encoding);
  if (fromBytes === 'utf-8') return !sample.some((byte) => byte >= 0x80) || !isUtf8(sample);
  if (text.includes('\ufffd') && encoding === 'utf-8') return isMostlyUtf8(sample);
  if (encoding === 'euc-jp' || encoding === 'shift_jis') return japaneseScore(text) > 0 || fromBytes === 'windows-1252';
  const isJapanese = fromBytes === 'euc-jp' || fromBytes === 'shift_jis';
  const saysWestern = /^(windows-125|iso-8859-)/.test(encoding);
  return !(isJapanese && saysWestern);
}

function conflict(claims: readonly Claim[]): Defect {
  const [http, own] = claims.map(({ encoding }) => encoding);
  return { code: 'EncodingConflict', message: `Content-Type says ${http}, the document says ${own}` };
}

function wrong(claim: Claim, encoding: string): Defect {
  const who = claim.by === 'http' ? 'Content-Type' : 'the document';
  return { code: 'EncodingWrong', message: `${who} says ${claim.encoding}, but it was read as ${encoding}` };
}

function undeclared(encoding: string): Defect {
  return { code: 'EncodingUndeclared', message: `no encoding is declared, and it was read as ${encoding}` };
}

function invalidBytes(text: string, encoding: string): Defect[] {
  const at = text.indexOf('\ufffd');
  if (at < 0) return [];
  const line = text.slice(0, at).split('\n').length;
  return [{ code: 'InvalidBytes', message: `there are bytes that are nothing in ${encoding}`, line }];
}
