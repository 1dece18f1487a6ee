import type { DefectList } from './defect.ts';
import { MarkupReader, type MarkupToken } from './markup-reader.ts';
import { conventionalKey, namespaceKey } from './namespaces.ts';

/** An element, with namespaces resolved. */
export interface XmlElement {
  /** The name as it is written. */
  readonly tag: string;
  /** The local name in lower case, since feeds write `pubdate` as well. */
  readonly name: string;
  /** `rss`, `atom`, `dc` and so on, `` without a namespace, otherwise the URI. */
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (XmlElement | string)[];
  readonly parent: XmlElement | undefined;
  readonly at: number;
}

/** Deeper elements are read as if they were not there: no feed needs them, and a recursion must end. */
const MAX_DEPTH = 100;

/** A feed of five thousand items has a quarter of this; what has more is meant to take memory. */
const MAX_ELEMENTS = 200_000;

/** Elements of HTML that never have an end, and that no feed has for anything else. */
const VOID = new Set(['br', 'hr', 'img', 'wbr', 'input', 'col', 'embed', 'area']);

/** Elements of HTML whose end is left out where the next one begins. */
const REPEATED = new Set(['p', 'li', 'dt', 'dd', 'tr', 'td', 'item', 'entry', 'channel']);

/** Elements of feeds that hold text, so that one of `PARTS` within means that their end was forgotten. */
const LEAVES = new Set(
  'title link pubdate guid category comments author description managingeditor webmaster language copyright lastbuilddate date creator published updated modified issued id name uri email'.split(
    ' ',
  ),
);
const PARTS = new Set(
  'title link pubdate guid category comments description enclosure item entry channel encoded date creator published updated id summary language lastbuilddate'.split(
    ' ',
  ),
);

/**
 * The elements of a document as a tree, whatever state it is in: what is not closed is closed where its parent ends, or where the
 * next part of a feed begins; an end without a beginning is passed over. The root has all that stands at the top.
 */
export function readXml(text: string, defects: DefectList): XmlElement {
  return new TreeBuilder(text, defects).build();
}

class TreeBuilder {
  readonly #reader: MarkupReader;
  readonly #defects: DefectList;
  readonly #root: XmlElement = newElement({
    tag: '',
    name: '',
    namespace: '',
    attributes: new Map(),
    parent: undefined,
    at: 0,
  });
  /** The open elements' names in lower case, and what prefixes mean within them. */
  readonly #names: string[] = [];
  readonly #scopes: Scope[] = [{ own: new Map(), outer: undefined }];
  #top = this.#root;
  #count = 0;
  /** Elements that are too deep and still open. */
  #ignored = 0;

  constructor(text: string, defects: DefectList) {
    this.#reader = new MarkupReader(text, { syntax: 'xml', defects });
    this.#defects = defects;
  }

  build(): XmlElement {
    for (let token = this.#reader.next(); token !== undefined; token = this.#reader.next()) {
      if (this.#count > MAX_ELEMENTS) {
        this.#defects.add('TooMany', `what comes after ${MAX_ELEMENTS} elements was left out`, token.at);
        break;
      }
      if (token.kind === 'text') this.#text(token.text, token.at);
      else if (token.kind === 'open') this.#open(token);
      else this.#close(token);
    }
    if (this.#top !== this.#root)
      this.#defects.add('Truncated', `the document ends within ${this.#top.tag}`, this.#top.at);
    return this.#root;
  }

  #text(text: string, at: number): void {
    if (this.#top === this.#root) {
      if (text.trim() !== '' && this.#root.children.length === 0)
        this.#defects.add('JunkBefore', 'there is text before the first element; it was left out', at);
      return;
    }
    this.#top.children.push(text);
  }

  #open(token: MarkupToken & { kind: 'open' }): void {
    const local = localName(token.name);
    while (this.#top !== this.#root && endsAt(this.#top, local, token.name)) {
      this.#defects.add('NotClosed', `${this.#top.tag} has no end before ${token.name}`, this.#top.at);
      this.#pop();
    }
    if (this.#names.length >= MAX_DEPTH) {
      this.#defects.add('TooDeep', `elements more than ${MAX_DEPTH} deep were left out`, token.at);
      if (!token.isEmpty) this.#ignored++;
      return;
    }
    const scope = this.#scopeOf(token.attributes);
    const namespace = this.#namespaceOf(token, scope);
    const { name: tag, attributes, at } = token;
    const element = newElement({ tag, name: local, namespace, attributes, parent: this.#top, at });
    this.#count++;
    this.#top.children.push(element);
    if (token.isEmpty || VOID.has(token.name.toLowerCase())) return;
    this.#top = element;
    this.#names.push(tag.toLowerCase());
    this.#scopes.push(scope);
  }

  #close({ name, at }: MarkupToken & { kind: 'close' }): void {
    if (VOID.has(name.toLowerCase())) return;
    if (this.#ignored > 0) {
      this.#ignored--;
      return;
    }
    const found = this.#names.lastIndexOf(name.toLowerCase());
    if (found < 0) {
      this.#defects.add('NotNested', `the end of ${name} has no beginning`, at);
      return;
    }
    while (this.#names.length > found + 1) {
      this.#defects.add('NotClosed', `${this.#top.tag} has no end before that of ${name}`, this.#top.at);
      this.#pop();
    }
    this.#pop();
  }

  #pop(): void {
    this.#top = this.#top.parent!;
    this.#names.pop();
    this.#scopes.pop();
  }

  #scopeOf(attributes: ReadonlyMap<string, string>): Scope {
    const outer = this.#scopes.at(-1)!;
    const own = new Map<string, string>();
    for (const [name, value] of attributes) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
      const prefix = name.slice('xmlns:'.length);
      own.set(prefix, namespaceKey(value) ?? conventionalKey(prefix) ?? value.trim());
    }
    return own.size === 0 ? outer : { own, outer };
  }

  #namespaceOf({ name, at }: MarkupToken & { kind: 'open' }, scope: Scope): string {
    const colon = name.indexOf(':');
    const prefix = colon < 0 ? '' : name.slice(0, colon);
    const declared = meaningOf(prefix, scope);
    if (declared !== undefined || prefix === '' || prefix === 'xml') return declared ?? '';
    this.#defects.add('NamespaceMissing', `the prefix ${prefix} is not declared`, at);
    return conventionalKey(prefix) ?? prefix;
  }
}

/** What prefixes mean where an element declares some; what it does not is as outside. */
interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

function meaningOf(prefix: string, scope: Scope | undefined): string | undefined {
  for (let at = scope; at !== undefined; at = at.outer) {
    const meaning = at.own.get(prefix);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

function newElement(of: Omit<XmlElement, 'children'>): XmlElement {
  const { tag, name, namespace, attributes, parent, at } = of;
  return { tag, name, namespace, attributes, children: [], parent, at };
}

function localName(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1).toLowerCase();
}

/** Whether an element must have ended, since another one begins that cannot be within it. */
function endsAt(element: XmlElement, name: string, tag: string): boolean {
  if (element.name === name && REPEATED.has(name) && element.tag.toLowerCase() === tag.toLowerCase()) return true;
  if (element.namespace === 'xhtml' || !LEAVES.has(element.name)) return false;
  return PARTS.has(name) && isStructure(element.parent);
}

/** Whether something is a part of a feed that has parts itself, and not markup within a text. */
function isStructure(element: XmlElement | undefined): boolean {
  return (
    element !== undefined &&
    ['item', 'entry', 'channel', 'feed', 'author', 'image', 'source', 'rdf'].includes(element.name)
  );
}

/** The elements right below one, by local name, and by namespace if that is given. */
export function childrenOf(element: XmlElement, name: string, namespaces?: readonly string[]): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement =>
      typeof child !== 'string' &&
      child.name === name &&
      (namespaces === undefined || namespaces.includes(child.namespace)),
  );
}

/** The elements right below one. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== 'string');
}

/** All text within an element, as it stands. */
export function textWithin(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textWithin(child))).join('');
}

/** An attribute by its local name, whatever its prefix and case. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  const exact = element.attributes.get(name);
  if (exact !== undefined) return exact;
  for (const [key, value] of element.attributes) if (localName(key) === name && !key.startsWith('xmlns')) return value;
  return undefined;
}

/** The URL that relative ones within an element are relative to: by `xml:base`, from the outside in. */
export function baseOf(element: XmlElement, url: string | undefined): string | undefined {
  const outer = element.parent === undefined ? url : baseOf(element.parent, url);
  const own = element.attributes.get('xml:base');
  return own === undefined ? outer : (resolveUrl(own, outer) ?? outer);
}

/** An absolute URL, or undefined if it is none that can be visited. */
export function resolveUrl(reference: string, base: string | undefined): string | undefined {
  const text = reference.trim().replace(/[\t\n\r]+\s*/g, '');
  if (text === '') return undefined;
  try {
    const url = new URL(text, base);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** What is within an element as markup, its names without the prefix of XHTML. */
export function markupWithin(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? escapeText(child) : markupOf(child))).join('');
}

function markupOf(element: XmlElement): string {
  const tag = element.namespace === 'xhtml' ? element.name : element.tag;
  const attributes = [...element.attributes]
    .filter(([name]) => !name.startsWith('xmlns'))
    .map(([name, value]) => ` ${name}="${escapeText(value).replaceAll('"', '&quot;')}"`)
    .join('');
  return VOID.has(element.name) ? `<${tag}${attributes}>` : `<${tag}${attributes}>${markupWithin(element)}</${tag}>`;
}

/** Text as it is written in markup. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
