import {
  isBlankOrEnd,
  isBreakAt,
  scanBlockScalar,
  scanPlainScalar,
  scanQuotedScalar,
  skipBreak,
} from './yaml-scalar.ts';
import { yamlError } from './yaml-error.ts';

/** The tokens of YAML 1.1. */
export type TokenKind =
  | 'streamEnd'
  | 'versionDirective'
  | 'tagDirective'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequenceStart'
  | 'blockMappingStart'
  | 'blockEnd'
  | 'flowSequenceStart'
  | 'flowSequenceEnd'
  | 'flowMappingStart'
  | 'flowMappingEnd'
  | 'blockEntry'
  | 'flowEntry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** A token; `line` counts from 0. */
export interface Token {
  readonly kind: TokenKind;
  readonly line: number;
  /** A scalar's text, an anchor's or alias's name, a tag's or directive's handle, a version. */
  readonly value: string;
  /** A tag's suffix, a tag directive's prefix. */
  readonly suffix: string;
  /** An unquoted scalar, whose type is to be guessed. */
  readonly plain: boolean;
}

/** Where a key without `?` may have begun; it becomes one when a `:` follows on its line, within 1024 characters. */
interface SimpleKey {
  possible: boolean;
  required: boolean;
  tokenNumber: number;
  line: number;
  pos: number;
  column: number;
}

/** How deep flow collections, and block collections, may nest. */
const MAX_DEPTH = 10_000;
const MAX_KEY_LENGTH = 1024;
const CONTROL = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ud800-\udfff\ue000-\ufffd]/;
const BREAKS = '\n\r\x85\u2028\u2029';
const NEVER_PLAIN = '-?:,[]{}#&*!|>\'"%@`';

/**
 * Splits a YAML text into tokens, on demand: what follows the document that is wanted is never looked at.
 *
 * Its decisions are those of libyaml, so that both accept the same texts and blame the same lines. Linear.
 */
export class YamlScanner {
  readonly text: string;
  pos = 0;
  line = 0;
  /** Where the current line begins. */
  lineStart = 0;
  /** The column of the innermost block collection, -1 outside of all. */
  indent = -1;
  flowLevel = 0;
  simpleKeyAllowed = true;
  readonly #indents: number[] = [];
  readonly #simpleKeys: SimpleKey[] = [];
  /** The simple keys in doubt, by the number of the token that they begin with. */
  readonly #keyByToken = new Map<number, SimpleKey>();
  #queue: Token[] = [];
  #head = 0;
  #taken = 0;

  /** @throws ParseError for a character that no YAML text may have. */
  constructor(text: string) {
    this.text = text;
    if (CONTROL.test(text)) throw yamlError('control characters are not allowed');
    this.#pushSimpleKey();
  }

  get column(): number {
    return this.pos - this.lineStart;
  }

  /** The next token, without taking it. */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#queue[this.#head]!;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#head++;
    this.#taken++;
    if (this.#head > 1000) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return token;
  }

  /** @throws ParseError at the place where the scanner is. */
  fail(problem: string): never {
    throw yamlError(problem, this.line > 0 ? this.line + 1 : 0);
  }

  /** Notes that a line break was passed and the next line begins here. */
  newLine(): void {
    this.line++;
    this.lineStart = this.pos;
  }

  /** A document marker (`---` or `...`) stands here. */
  atDocumentMarker(): boolean {
    if (this.column !== 0) return false;
    const marker = this.text.startsWith('---', this.pos) || this.text.startsWith('...', this.pos);
    return marker && isBlankOrEnd(this.text, this.pos + 3);
  }

  /** The head of the queue may still turn out to be a key, before which other tokens must be put. */
  #needsMore(): boolean {
    if (this.#head === this.#queue.length) return true;
    const key = this.#keyByToken.get(this.#taken);
    return key !== undefined && this.#isValid(key);
  }

  #fetch(): void {
    this.#skipToToken();
    this.#unroll(this.column);
    const { text, pos } = this;
    if (pos >= text.length) return this.#streamEnd();
    const char = text[pos]!;
    if (char === '%' && this.column === 0) return this.#directive();
    if (this.atDocumentMarker()) return this.#documentMarker(char === '-' ? 'documentStart' : 'documentEnd');
    const inFlow = this.flowLevel > 0;
    const spaced = isBlankOrEnd(text, pos + 1);
    if (char === '[') return this.#openFlow('flowSequenceStart');
    if (char === '{') return this.#openFlow('flowMappingStart');
    if (char === ']') return this.#closeFlow('flowSequenceEnd');
    if (char === '}') return this.#closeFlow('flowMappingEnd');
    if (char === ',') return this.#flowEntry();
    if (char === '-' && spaced) return this.#blockEntry();
    if (char === '?' && (inFlow || spaced)) return this.#key();
    if (char === ':' && (inFlow || spaced)) return this.#value();
    if (char === '*') return this.#anchor('alias');
    if (char === '&') return this.#anchor('anchor');
    if (char === '!') return this.#tag();
    if ((char === '|' || char === '>') && !inFlow) return this.#blockScalar(char === '|');
    if (char === "'" || char === '"') return this.#scalar(() => scanQuotedScalar(this, char), false);
    if (this.#beginsPlain(char, spaced)) return this.#scalar(() => scanPlainScalar(this), true);
    this.fail('found character that cannot start any token');
  }

  #beginsPlain(char: string, spaced: boolean): boolean {
    if (isBlankOrEnd(this.text, this.pos)) return false;
    if (!NEVER_PLAIN.includes(char)) return true;
    if (char === '-') return !isBlank(this.text[this.pos + 1]);
    return this.flowLevel === 0 && (char === '?' || char === ':') && !spaced;
  }

  /** Skips blanks, comments and line breaks. */
  #skipToToken(): void {
    const { text } = this;
    for (;;) {
      if (this.column === 0 && text[this.pos] === '\ufeff') {
        this.pos++;
        this.lineStart++;
      }
      const tabs = this.flowLevel > 0 || !this.simpleKeyAllowed;
      while (text[this.pos] === ' ' || (tabs && text[this.pos] === '\t')) this.pos++;
      if (text[this.pos] === '#') while (this.pos < text.length && !BREAKS.includes(text[this.pos]!)) this.pos++;
      if (!isBreakAt(text, this.pos)) return;
      skipBreak(this);
      if (this.flowLevel === 0) this.simpleKeyAllowed = true;
    }
  }

  #emit(kind: TokenKind, line = this.line, more: Partial<Token> = {}): void {
    this.#queue.push({ kind, line, value: '', suffix: '', plain: false, ...more });
  }

  #emitChars(kind: TokenKind, count: number): void {
    this.#emit(kind);
    this.pos += count;
  }

  /** The number that the next token will have. */
  #nextNumber(): number {
    return this.#taken + this.#queue.length - this.#head;
  }

  #insert(tokenNumber: number, kind: TokenKind, line: number): void {
    const token: Token = { kind, line, value: '', suffix: '', plain: false };
    this.#queue.splice(this.#head + tokenNumber - this.#taken, 0, token);
  }

  #pushSimpleKey(): void {
    this.#simpleKeys.push({ possible: false, required: false, tokenNumber: -1, line: 0, pos: 0, column: 0 });
  }

  /** A key in doubt that has become impossible is given up; one that had to be a key is an error. */
  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line === this.line && key.pos + MAX_KEY_LENGTH >= this.pos) return true;
    if (key.required) this.fail("could not find expected ':'");
    key.possible = false;
    return false;
  }

  #saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return;
    const required = this.flowLevel === 0 && this.indent === this.column;
    this.#removeSimpleKey();
    const { line, pos, column } = this;
    const key = { possible: true, required, tokenNumber: this.#nextNumber(), line, pos, column };
    this.#simpleKeys[this.#simpleKeys.length - 1] = key;
    this.#keyByToken.set(key.tokenNumber, key);
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys[this.#simpleKeys.length - 1]!;
    if (!key.possible) return;
    if (key.required) this.fail("could not find expected ':'");
    key.possible = false;
    this.#keyByToken.delete(key.tokenNumber);
  }

  /** Opens a block collection when this column is further in than the current one. */
  #roll(column: number, kind: TokenKind, line: number, tokenNumber: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.#indents.push(this.indent);
    this.indent = column;
    if (this.#indents.length > MAX_DEPTH) this.fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.#insert(tokenNumber, kind, line);
  }

  /** Ends the block collections that are further in than this column. */
  #unroll(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.#emit('blockEnd');
      this.indent = this.#indents.pop()!;
    }
  }

  #streamEnd(): void {
    if (this.column !== 0) this.newLine();
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.simpleKeyAllowed = false;
    this.#emit('streamEnd');
  }

  #documentMarker(kind: TokenKind): void {
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.simpleKeyAllowed = false;
    this.#emitChars(kind, 3);
  }

  #openFlow(kind: TokenKind): void {
    this.#saveSimpleKey();
    this.#pushSimpleKey();
    this.flowLevel++;
    if (this.flowLevel > MAX_DEPTH) this.fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.simpleKeyAllowed = true;
    this.#emitChars(kind, 1);
  }

  #closeFlow(kind: TokenKind): void {
    this.#removeSimpleKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.#keyByToken.delete(this.#simpleKeys.pop()!.tokenNumber);
    }
    this.simpleKeyAllowed = false;
    this.#emitChars(kind, 1);
  }

  #flowEntry(): void {
    this.#removeSimpleKey();
    this.simpleKeyAllowed = true;
    this.#emitChars('flowEntry', 1);
  }

  #blockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('block sequence entries are not allowed in this context');
      this.#roll(this.column, 'blockSequenceStart', this.line, this.#nextNumber());
    }
    this.#removeSimpleKey();
    this.simpleKeyAllowed = true;
    this.#emitChars('blockEntry', 1);
  }

  #key(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('mapping keys are not allowed in this context');
      this.#roll(this.column, 'blockMappingStart', this.line, this.#nextNumber());
    }
    this.#removeSimpleKey();
    this.simpleKeyAllowed = this.flowLevel === 0;
    this.#emitChars('key', 1);
  }

  #value(): void {
    const key = this.#simpleKeys[this.#simpleKeys.length - 1]!;
    if (this.#isValid(key)) {
      this.#insert(key.tokenNumber, 'key', key.line);
      this.#roll(key.column, 'blockMappingStart', key.line, key.tokenNumber);
      key.possible = false;
      this.#keyByToken.delete(key.tokenNumber);
      this.simpleKeyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) this.fail('mapping values are not allowed in this context');
        this.#roll(this.column, 'blockMappingStart', this.line, this.#nextNumber());
      }
      this.simpleKeyAllowed = this.flowLevel === 0;
    }
    this.#emitChars('value', 1);
  }

  #blockScalar(literal: boolean): void {
    this.#removeSimpleKey();
    this.simpleKeyAllowed = true;
    const { line } = this;
    this.#emit('scalar', line, { value: scanBlockScalar(this, literal) });
  }

  #scalar(scan: () => string, plain: boolean): void {
    this.#saveSimpleKey();
    this.simpleKeyAllowed = false;
    const { line } = this;
    this.#emit('scalar', line, { value: scan(), plain });
  }

  #anchor(kind: 'anchor' | 'alias'): void {
    this.#saveSimpleKey();
    this.simpleKeyAllowed = false;
    this.pos++;
    const name = this.#word();
    const follows = this.text[this.pos] ?? '';
    if (name === '' || !(isBlankOrEnd(this.text, this.pos) || '?:,]}%@`'.includes(follows)))
      this.fail('did not find expected alphabetic or numeric character');
    this.#emit(kind, this.line, { value: name });
  }

  #tag(): void {
    this.#saveSimpleKey();
    this.simpleKeyAllowed = false;
    const [value, suffix] = this.text[this.pos + 1] === '<' ? this.#verbatimTag() : this.#shorthandTag();
    if (!isBlankOrEnd(this.text, this.pos)) this.fail('did not find expected whitespace or line break');
    this.#emit('tag', this.line, { value, suffix });
  }

  #verbatimTag(): [string, string] {
    this.pos += 2;
    const uri = this.#tagUri('');
    if (this.text[this.pos] !== '>') this.fail("did not find the expected '>'");
    this.pos++;
    return ['', uri];
  }

  #shorthandTag(): [string, string] {
    const handle = this.#tagHandle(false);
    if (handle.length > 1 && handle.endsWith('!')) return [handle, this.#tagUri('')];
    const suffix = this.#tagUri(handle);
    return suffix === '' ? ['', '!'] : ['!', suffix];
  }

  #tagHandle(directive: boolean): string {
    if (this.text[this.pos] !== '!') this.fail("did not find expected '!'");
    this.pos++;
    let handle = `!${this.#word()}`;
    if (this.text[this.pos] === '!') {
      this.pos++;
      handle += '!';
    } else if (directive && handle !== '!') this.fail("did not find expected '!'");
    return handle;
  }

  /** The characters of a URI; those of `head` beyond its `!` have been read already. */
  #tagUri(head: string): string {
    const uri = this.#match(/(?:[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]]|%[0-9A-Fa-f]{2})*/y);
    if (this.text[this.pos] === '%') this.fail('did not find URI escaped octet');
    if (head === '' && uri === '') this.fail('did not find expected tag URI');
    return head.slice(1) + decodeUri(uri, this);
  }

  #directive(): void {
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.simpleKeyAllowed = false;
    const { line } = this;
    this.pos++;
    const name = this.#word();
    if (name === '') this.fail('could not find expected directive name');
    if (!isBlankOrEnd(this.text, this.pos)) this.fail('found unexpected non-alphabetical character');
    if (name === 'YAML') this.#emit('versionDirective', line, { value: this.#version() });
    else if (name === 'TAG') this.#emit('tagDirective', line, this.#tagDirective());
    else this.fail('found unknown directive name');
    this.skipRestOfLine();
  }

  /** Skips blanks and a comment up to and with the line break; anything else there is an error. */
  skipRestOfLine(): void {
    this.#match(/[ \t]*(?:#[^\n\r\x85\u2028\u2029]*)?/y);
    if (this.pos < this.text.length && !isBreakAt(this.text, this.pos))
      this.fail('did not find expected comment or line break');
    if (this.pos < this.text.length) skipBreak(this);
  }

  #version(): string {
    this.#match(/[ \t]*/y);
    const major = this.#versionNumber();
    if (this.text[this.pos] !== '.') this.fail("did not find expected digit or '.' character");
    this.pos++;
    return `${major}.${this.#versionNumber()}`;
  }

  #versionNumber(): number {
    const digits = this.#match(/[0-9]{0,2}/y);
    if (digits === '') this.fail('did not find expected version number');
    if (/[0-9]/.test(this.text[this.pos] ?? '')) this.fail('found extremely long version number');
    return Number(digits);
  }

  #tagDirective(): Partial<Token> {
    this.#match(/[ \t]*/y);
    const value = this.#tagHandle(true);
    if (!isBlank(this.text[this.pos])) this.fail('did not find expected whitespace');
    this.#match(/[ \t]*/y);
    const suffix = this.#tagUri('');
    if (!isBlankOrEnd(this.text, this.pos)) this.fail('did not find expected whitespace or line break');
    return { value, suffix };
  }

  #word(): string {
    return this.#match(/[0-9A-Za-z_-]*/y);
  }

  /** Takes what a sticky pattern (that may match nothing) finds here. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text)![0];
    this.pos += found.length;
    return found;
  }
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}

function decodeUri(uri: string, scanner: YamlScanner): string {
  if (!uri.includes('%')) return uri;
  try {
    return decodeURIComponent(uri);
  } catch {
    return scanner.fail('found an incorrect leading UTF-8 octet');
  }
}
