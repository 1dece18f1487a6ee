import type { DefectList } from './defect.ts';
import { decodeEntities } from './entities.ts';

/** What markup is made of. Comments, processing instructions and document types are read over. */
export type MarkupToken =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly isEmpty: boolean;
      readonly at: number;
    }
  | { readonly kind: 'close'; readonly name: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number };

/** How to read: `html` knows elements whose content is text, and has no names in upper case. */
export interface MarkupOptions {
  readonly syntax: 'xml' | 'html';
  readonly defects?: DefectList;
}

const NAME = /[A-Za-z_\u0080-\uffff][^\s/>=<"'&]*/y;
const ATTRIBUTE = /[\s/]*([^\s/>=<"'][^\s/>=<"']*)(\s*=\s*)?/y;
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const NO_ATTRIBUTES = new Map<string, string>();

/** No element of a feed or a page has more. */
const MAX_ATTRIBUTES = 256;

const BARE_LESS_THAN = 'a < that begins no tag was read as text';

/** Whether the sign behind `<` may be that of a tag: a letter, `_`, `/`, `!`, `?`, or one beyond ASCII. */
function beginsMarkup(code: number): boolean {
  const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return isLetter || code === 0x2f || code === 0x21 || code === 0x3f || code === 0x5f || code >= 0x80;
}

/** Where a CDATA section ends that has no end of its own. */
const END_OF_PART = /<\/(?:\w+:)?(?:title|description|encoded|summary|content|link|item|entry|channel|feed|rss)\s*>/gi;

/** Elements of HTML in which markup is not markup. */
const RAW_TEXT = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);
const WITH_ENTITIES = new Set(['textarea', 'title']);

/**
 * Reads XML or HTML of any quality, token by token, in one pass: whatever is not markup is text, and nothing makes it stop. A
 * document type is passed over, so no entity that it declares is ever replaced.
 */
export class MarkupReader {
  readonly #text: string;
  readonly #isHtml: boolean;
  readonly #defects: DefectList | undefined;
  #at = 0;
  /** The element of HTML in which only its own end is markup. */
  #raw: string | undefined;
  /** Endings that were looked for and are not there any more: each is searched for to the end only once. */
  readonly #absent = new Set<string>();

  constructor(text: string, options: MarkupOptions) {
    this.#text = text;
    this.#isHtml = options.syntax === 'html';
    this.#defects = options.defects;
  }

  /** The next token, or undefined at the end. */
  next(): MarkupToken | undefined {
    while (this.#at < this.#text.length) {
      const token = this.#raw === undefined ? this.#read() : this.#readRaw(this.#raw);
      if (token !== undefined) return token;
    }
    return undefined;
  }

  /** A token, or undefined if what stood there is passed over. */
  #read(): MarkupToken | undefined {
    const at = this.#at;
    if (this.#text[at] !== '<') return this.#readText(at);
    const next = this.#text[at + 1];
    if (next === '!') return this.#readDeclaration(at);
    if (next === '?') return this.#passOver(at, '?>');
    if (next === '/') return this.#readClose(at);
    return this.#readOpen(at);
  }

  #readText(at: number, from = at): MarkupToken {
    let end = this.#text.indexOf('<', from);
    while (end >= 0 && !beginsMarkup(this.#text.charCodeAt(end + 1))) {
      this.#defects?.add('BareLessThan', BARE_LESS_THAN, end);
      end = this.#text.indexOf('<', end + 1);
    }
    this.#at = end < 0 ? this.#text.length : end;
    return { kind: 'text', text: this.#decoded(this.#clean(this.#text.slice(at, this.#at), at), at), at };
  }

  /** A `<` that begins nothing. */
  #readLessThan(at: number): MarkupToken {
    this.#defects?.add('BareLessThan', BARE_LESS_THAN, at);
    return this.#readText(at, at + 1);
  }

  #readOpen(at: number): MarkupToken {
    NAME.lastIndex = at + 1;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) return this.#readLessThan(at);
    const end = at + 1 + name.length;
    const attributes = this.#text[end] === '>' ? NO_ATTRIBUTES : new Map<string, string>();
    this.#at = attributes === NO_ATTRIBUTES ? end + 1 : this.#readAttributes(end, attributes);
    const isEmpty = this.#text[this.#at - 2] === '/' && this.#at - 2 >= end;
    const known = this.#isHtml ? name.toLowerCase() : name;
    if (this.#isHtml && !isEmpty && RAW_TEXT.has(known)) this.#raw = known;
    return { kind: 'open', name: known, attributes, isEmpty, at };
  }

  /** Reads attributes to the end of the tag, behind which it returns; a tag without an end ends where the next one begins. */
  #readAttributes(from: number, attributes: Map<string, string>): number {
    let at = from;
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(this.#text);
      if (found === null) {
        const end = this.#endOfTag(at);
        if (end !== undefined) return end;
        at = this.#search(/[^\s/]/g, at) + 1;
        continue;
      }
      at = ATTRIBUTE.lastIndex;
      const name = this.#isHtml ? found[1]!.toLowerCase() : found[1]!;
      let value = '';
      if (found[2] !== undefined) ({ value, end: at } = this.#readValue(at));
      else if (!this.#isHtml) this.#defects?.add('MarkupBroken', `attribute ${name} has no value`, at);
      if (attributes.has(name))
        this.#defects?.add('DuplicateAttribute', `attribute ${name} stands twice; the first counts`, at);
      else if (attributes.size < MAX_ATTRIBUTES) attributes.set(name, value);
      else this.#defects?.add('TooMany', `attributes beyond ${MAX_ATTRIBUTES} of an element were left out`, at);
    }
  }

  #endOfTag(from: number): number | undefined {
    let at = from;
    while (/[\s/]/.test(this.#text[at] ?? '')) at++;
    if (this.#text[at] === '>') return at + 1;
    if (at < this.#text.length && this.#text[at] !== '<') return undefined;
    this.#defects?.add('MarkupBroken', 'a tag has no end', from);
    return at;
  }

  #readValue(at: number): { value: string; end: number } {
    const quote = this.#text[at];
    if (quote !== '"' && quote !== "'") {
      const end = this.#search(/[\s>]/g, at);
      if (!this.#isHtml) this.#defects?.add('MarkupBroken', 'the value of an attribute is not in quotes', at);
      return { value: this.#decoded(this.#clean(this.#text.slice(at, end), at), at), end };
    }
    const close = this.#find(quote, at + 1);
    const value = close < 0 ? undefined : this.#text.slice(at + 1, close);
    if (value !== undefined && (this.#isHtml || !(value.includes('<') && />[^<]*</.test(value))))
      return { value: this.#decoded(this.#clean(value, at), at), end: close + 1 };
    const end = this.#search(/[<>]/g, at);
    this.#defects?.add('MarkupBroken', 'the value of an attribute has no closing quote', at);
    return { value: this.#decoded(this.#clean(this.#text.slice(at + 1, end), at), at), end };
  }

  #readClose(at: number): MarkupToken | undefined {
    NAME.lastIndex = at + 2;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) return this.#text[at + 2] === '>' ? this.#moveTo(at + 3) : this.#readLessThan(at);
    const end = this.#search(/[<>]/g, at + 2);
    if (this.#text[end] !== '>') this.#defects?.add('MarkupBroken', `the end of ${name} has no >`, at);
    this.#at = this.#text[end] === '>' ? end + 1 : end;
    return { kind: 'close', name: this.#isHtml ? name.toLowerCase() : name, at };
  }

  #readDeclaration(at: number): MarkupToken | undefined {
    if (this.#text.startsWith('<!--', at)) return this.#passOver(at, '-->');
    if (/^<!\[CDATA\[/i.test(this.#text.slice(at, at + 9))) return this.#readCdata(at);
    if (!this.#isHtml && /^<!doctype/i.test(this.#text.slice(at, at + 9))) return this.#passDoctype(at);
    if (/^<![A-Za-z[]/.test(this.#text.slice(at, at + 3))) return this.#passOver(at, '>');
    return this.#readLessThan(at);
  }

  #readCdata(at: number): MarkupToken {
    const start = at + '<![CDATA['.length;
    const close = this.#find(']]>', start);
    if (close >= 0) {
      this.#at = close + 3;
      return { kind: 'text', text: this.#clean(this.#text.slice(start, close), start), at };
    }
    this.#defects?.add('NotClosed', 'a CDATA section has no end; it was read to the next end of an element', at);
    this.#at = this.#search(END_OF_PART, start);
    return { kind: 'text', text: this.#clean(this.#text.slice(start, this.#at), start), at };
  }

  /** A document type with what it declares between brackets, quotes and comments. */
  #passDoctype(at: number): undefined {
    if (this.#absent.has('doctype')) return this.#passToTagEnd(at);
    const part = /"[^"]*"|'[^']*'|<!--[\s\S]*?-->|<!ENTITY|[[\]>]/gi;
    part.lastIndex = at + 9;
    let isInside = false;
    for (let found = part.exec(this.#text); found !== null; found = part.exec(this.#text)) {
      const [what] = found;
      if (what === '[') isInside = true;
      if (what === ']') isInside = false;
      if (/^<!entity/i.test(what))
        this.#defects?.add('EntityDeclaration', 'entities that a document declares are not replaced', found.index);
      if (what === '>' && !isInside) return this.#moveTo(part.lastIndex);
    }
    this.#defects?.add('MarkupBroken', 'the document type has no end', at);
    this.#absent.add('doctype');
    return this.#passToTagEnd(at);
  }

  #readRaw(name: string): MarkupToken | undefined {
    this.#raw = undefined;
    const end = this.#search(new RegExp(`</${name}(?=[\\s/>])`, 'gi'), this.#at);
    const at = this.#at;
    this.#at = end;
    const text = this.#text.slice(at, end);
    return text === '' ? undefined : { kind: 'text', text: WITH_ENTITIES.has(name) ? decodeEntities(text) : text, at };
  }

  #passOver(at: number, ending: string): MarkupToken | undefined {
    const end = this.#find(ending, at + 2);
    if (end >= 0) return this.#moveTo(end + ending.length);
    if (this.#isHtml && ending === '>') return this.#readLessThan(at);
    this.#defects?.add('MarkupBroken', `there is no ${ending} to what begins here`, at);
    return this.#passToTagEnd(at);
  }

  #passToTagEnd(at: number): undefined {
    const end = this.#find('>', at);
    return this.#moveTo(end < 0 ? this.#text.length : end + 1);
  }

  #moveTo(at: number): undefined {
    this.#at = at;
    return undefined;
  }

  /** Where a text is, from an offset on, or -1. What is known to be absent is not looked for again. */
  #find(ending: string, from: number): number {
    if (this.#absent.has(ending)) return -1;
    const at = this.#text.indexOf(ending, from);
    if (at < 0) this.#absent.add(ending);
    return at;
  }

  /** Where a global pattern is next, or the end of the text. */
  #search(pattern: RegExp, from: number): number {
    if (this.#absent.has(pattern.source)) return this.#text.length;
    pattern.lastIndex = from;
    const at = pattern.exec(this.#text)?.index;
    if (at === undefined) this.#absent.add(pattern.source);
    return at ?? this.#text.length;
  }

  #clean(text: string, at: number): string {
    if (text.search(CONTROLS) < 0) return text;
    this.#defects?.add('ControlCharacter', 'characters that XML does not allow were left out', at);
    return text.replace(CONTROLS, '');
  }

  #decoded(text: string, at: number): string {
    const defects = this.#defects;
    if (defects === undefined || this.#isHtml) return decodeEntities(text);
    return decodeEntities(text, (problem, found, offset) => {
      if (problem === 'bare')
        defects.add('BareAmpersand', 'an & that begins no reference was read as text', at + offset);
      else if (problem === 'control')
        defects.add('ControlCharacter', `${found} is no character and was left out`, at + offset);
      else defects.add('EntityUndefined', `${found} is not defined in XML`, at + offset);
    });
  }
}
