import { isAscii } from 'node:buffer';
import type { Defect } from './defect.ts';
import { decodeAs, encodingOf, isUtf8 } from './encodings.ts';
import { guessEncoding, isDoubtful, isMostlyUtf8 } from './guess-encoding.ts';

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

/**
 * Reads bytes as text in the encoding that they are in.
 *
 * A byte order mark decides before the header, and the header before the document, as in RFC 7303 and in browsers. Both are believed
 * as long as the bytes can be meant so. Otherwise, and where nothing is said, the bytes decide (`guessEncoding`).
 */
export function decodeText(bytes: Uint8Array, hints: EncodingHints = {}): DecodedText {
  const mark = markOf(bytes);
  if (mark !== undefined) {
    const text = readAs(bytes.subarray(mark.length), mark.encoding);
    return { text, encoding: mark.encoding, by: 'bom', defects: invalidBytes(bytes, text, mark.encoding) };
  }
  const defects: Defect[] = [];
  const claims = claimsOf(bytes, hints, defects);
  const guess = guessEncoding(bytes);
  const claim = claims[0];
  const isDifferent = claims.length > 1 && claims[1]!.encoding !== claim!.encoding;
  if (isDifferent) defects.push(conflict(claims));
  const believed = claims.find((one) => isCredible(one.encoding, guess, bytes));
  const encoding = believed?.encoding ?? guess;
  if (claim !== undefined && claim !== believed && !isSameWidth(claim.encoding, encoding))
    defects.push(wrong(claim, encoding));
  if (claim === undefined && encoding !== 'utf-8') defects.push(undeclared(encoding));
  const text = readAs(bytes, encoding);
  defects.push(...invalidBytes(bytes, text, encoding));
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

/** Whether bytes may be in an encoding that is claimed, by what they seem to be in. */
function isCredible(encoding: string, guess: string, bytes: Uint8Array): boolean {
  if (encoding === guess) return true;
  if (guess === 'iso-2022-jp' || isWide(encoding) || isWide(guess)) return false;
  if (guess === 'utf-8') return isAscii(bytes);
  if (encoding === 'utf-8') return isMostlyUtf8(bytes);
  if (isDoubtful(encoding, guess, bytes)) return false;
  return !((guess === 'euc-jp' || guess === 'shift_jis') && /^(windows-125|iso-8859-)/.test(encoding));
}

/** Whether two are the same but for the order of bytes, which a name without one does not say. */
function isSameWidth(one: string, other: string): boolean {
  return isWide(one) && one.slice(0, 6) === other.slice(0, 6);
}

/** Whether a unit of it has several bytes, so that ASCII looks different. */
function isWide(encoding: string): boolean {
  return /^utf-(16|32)/.test(encoding);
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

function invalidBytes(bytes: Uint8Array, text: string, encoding: string): Defect[] {
  const at = text.indexOf('\ufffd');
  const isRead = at < 0 && encoding === 'utf-8' && !isUtf8(bytes);
  if (at < 0 && !isRead) return [];
  const line = at < 0 ? undefined : text.slice(0, at).split('\n').length;
  const how = isRead ? ', and were read as windows-1252' : '';
  const message = `there are bytes that are nothing in ${encoding}${how}`;
  return [{ code: 'InvalidBytes', message, ...(line !== undefined && { line }) }];
}

/** A byte that is not ASCII between two that are: nothing in UTF-8, an accent or a quotation mark in what was pasted into it. */
const LONE_BYTE = /(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])/g;

/** Bytes as text. What is UTF-8 but for bytes of windows-1252 here and there is read with these. */
function readAs(bytes: Uint8Array, encoding: string): string {
  if (encoding !== 'utf-8' || isUtf8(bytes)) return decodeAs(bytes, encoding);
  const mended = Buffer.from(bytes)
    .toString('latin1')
    .replace(LONE_BYTE, (byte) => {
      const char = decodeAs(Buffer.from(byte, 'latin1'), 'windows-1252');
      return Buffer.from(char, 'utf8').toString('latin1');
    });
  return decodeAs(Buffer.from(mended, 'latin1'), encoding);
}
