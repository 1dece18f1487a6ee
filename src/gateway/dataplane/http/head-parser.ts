import { HeaderList } from './header-list.ts';

/** What a connection says is no HTTP/1.1, or more than is taken; `status` is what its client is told. */
export class HttpSyntaxError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The first line of a request, and its headers as they stand there. */
export interface RawRequestHead {
  readonly method: string;
  readonly target: string;
  /** 0 or 1 of `HTTP/1.x`. */
  readonly minor: 0 | 1;
  readonly headers: HeaderList;
}

/** The first line of an answer, and its headers. */
export interface RawResponseHead {
  readonly status: number;
  readonly minor: 0 | 1;
  readonly headers: HeaderList;
}

/** As many headers as Envoy takes. */
const MOST_HEADERS = 100;
/** Control characters but tabs, and line ends that are none of CRLF: what one reader takes for a line and another does not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BAD_BYTES = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible characters and bytes beyond ASCII: no space, no control. */
const TARGET = /^[!-~\x80-\xff]+$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;

/** Names that came already and are good, in lower case. */
const lowerNames = new Map<string, string>();
const MOST_KNOWN_NAMES = 1000;

/** Reads a head, which goes to the empty line and has not its line ends. @throws HttpSyntaxError */
export function parseRequestHead(text: string): RawRequestHead {
  rejectBadBytes(text);
  const lineEnd = lineEndAfter(text, 0);
  const methodEnd = text.indexOf(' ');
  const versionStart = text.lastIndexOf(' ', lineEnd - 1);
  if (methodEnd <= 0 || methodEnd >= lineEnd || versionStart === methodEnd) throw bad('the first line is no request');
  const method = text.slice(0, methodEnd);
  const target = text.slice(methodEnd + 1, versionStart);
  if (!TOKEN.test(method) || !TARGET.test(target)) throw bad('the first line is no request');
  return {
    method,
    target,
    minor: parseVersion(text.slice(versionStart + 1, lineEnd)),
    headers: parseHeaders(text, lineEnd),
  };
}

/** Reads the head of an answer. @throws HttpSyntaxError */
export function parseResponseHead(text: string): RawResponseHead {
  rejectBadBytes(text);
  const lineEnd = lineEndAfter(text, 0);
  const line = STATUS_LINE.exec(text.slice(0, lineEnd));
  if (line === null) throw bad('the first line is no answer');
  return { status: Number(line[2]), minor: line[1] === '1' ? 1 : 0, headers: parseHeaders(text, lineEnd) };
}

/** Reads lines of headers, as after a body of chunks. @throws HttpSyntaxError */
export function parseTrailers(text: string): HeaderList {
  rejectBadBytes(text);
  return text === '' ? new HeaderList() : parseHeaders(`\r\n${text}`, 0);
}

function rejectBadBytes(text: string): void {
  if (BAD_BYTES.test(text)) throw bad('the head has control characters');
}

function parseVersion(version: string): 0 | 1 {
  if (version === 'HTTP/1.1') return 1;
  if (version === 'HTTP/1.0') return 0;
  if (/^HTTP\/\d\.\d$/.test(version)) throw new HttpSyntaxError(505, `${version} is not spoken here`);
  throw bad('the first line is no request');
}

/** The lines after the line end at `start`. */
function parseHeaders(text: string, start: number): HeaderList {
  const flat: string[] = [];
  let at = start;
  while (at < text.length) {
    const from = at + 2;
    at = lineEndAfter(text, from);
    const colon = text.indexOf(':', from);
    // a line that begins with a space would go on with the one before (RFC 9112, 5.2), which not all readers know
    if (colon === -1 || colon >= at) throw bad('a header has no colon');
    flat.push(lowerName(text.slice(from, colon)), valueBetween(text, colon + 1, at));
    if (flat.length > MOST_HEADERS * 2) throw new HttpSyntaxError(431, 'there are too many headers');
  }
  return new HeaderList(flat);
}

function lineEndAfter(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end;
}

function lowerName(raw: string): string {
  const known = lowerNames.get(raw);
  if (known !== undefined) return known;
  if (!TOKEN.test(raw)) throw bad('the name of a header is none');
  const lower = raw.toLowerCase();
  if (lowerNames.size < MOST_KNOWN_NAMES) lowerNames.set(raw, lower);
  return lower;
}

/** Without spaces and tabs around it. */
function valueBetween(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function bad(message: string): HttpSyntaxError {
  return new HttpSyntaxError(400, message);
}
