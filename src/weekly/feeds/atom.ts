import { isUtf8 } from './encodings.ts';
import type { FeedBody, FeedItem, FeedPerson, FeedText } from './feed.ts';
import { oneLine, textOfHtml } from './html-text.ts';
import {
  dateOf,
  distinctPeople,
  enclosureOf,
  idOfTexts,
  linkOf,
  personOf,
  plainTitle,
  present,
  type ReadingContext,
} from './texts.ts';
import {
  attributeOf,
  baseOf,
  childrenOf,
  elementsOf,
  markupWithin,
  resolveUrl,
  textWithin,
  type XmlElement,
} from './xml-tree.ts';

/** Reads Atom 0.3 and 1.0 from its element `feed`, or from an `entry` that stands alone. */
export function readAtom(feed: XmlElement, context: ReadingContext, maxItems: number): FeedBody {
  const entries = feed.name === 'entry' ? [feed] : childrenOf(feed, 'entry');
  if (entries.length > maxItems)
    context.defects.add('TooMany', `of ${entries.length} entries the first ${maxItems} were read`);
  const authors = peopleOf(feed, context);
  const subtitle = first(feed, 'subtitle', 'tagline', 'info');
  return present({
    format: isVersion03(feed) ? 'atom-0.3' : 'atom-1.0',
    title: feed.name === 'entry' ? '' : titleOf(feed, context),
    link: atomLink(childrenOf(feed, 'link').filter(isPlainLink), context),
    description: subtitle && atomText(subtitle, context)?.line,
    language: feed.attributes.get('xml:lang')?.trim() || undefined,
    updated: dateOf(first(feed, 'updated', 'modified'), context),
    hints: {},
    items: entries.slice(0, maxItems).map((entry) => readEntry(entry, authors, context)),
  });
}

function isVersion03(feed: XmlElement): boolean {
  const uris = [...feed.attributes].filter(([name]) => name.startsWith('xmlns')).map(([, value]) => value);
  return (
    (attributeOf(feed, 'version') ?? '').startsWith('0.') ||
    uris.some((uri) => /purl\.org\/atom\/ns|example\.com\/ne/i.test(uri))
  );
}

function first(parent: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  for (const name of names) {
    const children = childrenOf(parent, name);
    const own = children.filter(({ namespace }) => namespace === parent.namespace);
    const found = [...own, ...children].find((element) => element.children.length > 0 || element.attributes.size > 0);
    if (found !== undefined) return found;
  }
  return undefined;
}

function titleOf(element: XmlElement, context: ReadingContext): string {
  const title = first(element, 'title');
  return title === undefined ? '' : (atomText(title, context)?.line ?? '');
}

/** A text construct of Atom, and the line that it is to readers. */
export function atomText(
  element: XmlElement,
  context: ReadingContext,
): (FeedText & { readonly line: string }) | undefined {
  const type = (attributeOf(element, 'type') ?? 'text').trim().toLowerCase();
  const mode = attributeOf(element, 'mode')?.trim().toLowerCase();
  const base = baseOf(element, context.url);
  const hasElements = elementsOf(element).length > 0;
  const text = textWithin(element);
  const decoded = mode === 'base64' || isBinary(type) ? fromBase64(text) : undefined;
  const written = decoded ?? text;
  const isXhtml = hasElements && mode !== 'escaped';
  const isHtml = isXhtml || decoded !== undefined || /html/.test(type);
  const value = (isXhtml ? markupWithin(withoutDiv(element)) : written).trim();
  if (value === '') return undefined;
  const line = isHtml ? textOfHtml(value) : plainTitle(value, context, element.at);
  return { type: isHtml ? 'html' : 'text', value, line, ...(isHtml && base !== undefined && { base }) };
}

/** The `div` around XHTML is not a part of it. */
function withoutDiv(element: XmlElement): XmlElement {
  const [only, ...others] = elementsOf(element);
  const isAlone = others.length === 0 && only?.name === 'div' && textWithin(element).trim() === textWithin(only).trim();
  return isAlone ? only : element;
}

/** Atom 1.0: a media type that is neither text nor XML is base64. */
function isBinary(type: string): boolean {
  return type.includes('/') && !/^text\/|[/+]xml$|^message\//.test(type);
}

/** The text that is encoded, or undefined if that is not what it is. */
function fromBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/=\s]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function isPlainLink({ namespace }: XmlElement): boolean {
  return namespace === '' || namespace === 'atom' || /^https?:/.test(namespace);
}

/** The page that links are about: the alternate one, best as HTML; a feed about itself is not one. */
export function atomLink(links: readonly XmlElement[], context: ReadingContext): string | undefined {
  const targets = links.flatMap((link) => {
    const url = resolveUrl(attributeOf(link, 'href') ?? textWithin(link), baseOf(link, context.url));
    const relation = (attributeOf(link, 'rel') ?? 'alternate')
      .trim()
      .toLowerCase()
      .replace('http://www.iana.org/assignments/relation/', '');
    return url === undefined ? [] : [{ url, relation, type: attributeOf(link, 'type') ?? 'text/html' }];
  });
  const alternate = targets.filter(({ relation }) => relation === 'alternate' || relation === '');
  const page =
    alternate.find(({ type }) => /html/.test(type)) ??
    alternate[0] ??
    targets.find(({ relation }) => relation === 'related');
  return page?.url;
}

/** A person construct: `name`, `email`, `uri` or Atom 0.3's `url`; or what is written instead. */
export function atomPerson(element: XmlElement, context: ReadingContext): FeedPerson | undefined {
  const part = (name: string) => {
    const [child] = childrenOf(element, name);
    return child === undefined ? undefined : oneLine(textWithin(child)) || undefined;
  };
  if (elementsOf(element).length === 0) return personOf(textWithin(element));
  const uri = childrenOf(element, 'uri')[0] ?? childrenOf(element, 'url')[0];
  const person = present({ name: part('name'), email: part('email'), url: linkOf(uri, context) });
  return Object.keys(person).length === 0 ? undefined : person;
}

function peopleOf(element: XmlElement, context: ReadingContext): FeedPerson[] {
  const creators = childrenOf(element, 'creator', ['dc']).map((creator) => personOf(textWithin(creator)));
  return distinctPeople([...childrenOf(element, 'author').map((author) => atomPerson(author, context)), ...creators]);
}

function readEntry(entry: XmlElement, feedAuthors: readonly FeedPerson[], context: ReadingContext): FeedItem {
  const links = childrenOf(entry, 'link').filter(isPlainLink);
  const content = first(entry, 'content');
  const source = content && resolveUrl(attributeOf(content, 'src') ?? '', baseOf(content, context.url));
  const id = first(entry, 'id');
  const idText = id && oneLine(textWithin(id));
  const original = linkOf(childrenOf(entry, 'origlink', ['feedburner'])[0], context);
  const link = original ?? atomLink(links, context) ?? source ?? (idText && resolveUrl(idText, undefined));
  const title = titleOf(entry, context);
  const summary = feedText(first(entry, 'summary', 'description'), context);
  const authors = peopleOf(entry, context);
  const [origin] = childrenOf(entry, 'source');
  const inherited = origin === undefined ? feedAuthors : peopleOf(origin, context);
  return present({
    id: idText || link || idOfTexts(title, summary?.value),
    title,
    link: link || undefined,
    summary,
    content: feedText(content, context),
    published: dateOf(first(entry, 'published', 'issued', 'created'), context),
    updated: dateOf(first(entry, 'updated', 'modified'), context),
    authors: authors.length > 0 ? authors : inherited,
    categories: categoriesOf(entry),
    enclosures: [...links.filter((one) => attributeOf(one, 'rel') === 'enclosure'), ...mediaOf(entry)]
      .map((one) => enclosureOf(one, context))
      .filter((one) => one !== undefined),
    commentsLink: repliesOf(links, context),
  });
}

function feedText(element: XmlElement | undefined, context: ReadingContext): FeedText | undefined {
  if (element === undefined) return undefined;
  const text = atomText(element, context);
  return text && present({ type: text.type, value: text.value, base: text.base });
}

function categoriesOf(entry: XmlElement): string[] {
  const own = childrenOf(entry, 'category').map(
    (one) => attributeOf(one, 'label') || attributeOf(one, 'term') || textWithin(one),
  );
  const subjects = childrenOf(entry, 'subject', ['dc']).map((one) => textWithin(one));
  return [...new Set([...own, ...subjects].map((name) => oneLine(name)).filter((name) => name !== ''))];
}

function mediaOf(entry: XmlElement): XmlElement[] {
  const groups = childrenOf(entry, 'group', ['media']);
  return [entry, ...groups].flatMap((place) => childrenOf(place, 'content', ['media']));
}

function repliesOf(links: readonly XmlElement[], context: ReadingContext): string | undefined {
  const replies = links.filter((link) => attributeOf(link, 'rel') === 'replies');
  const page = replies.find((link) => /html/.test(attributeOf(link, 'type') ?? '')) ?? replies[0];
  return page && resolveUrl(attributeOf(page, 'href') ?? '', baseOf(page, context.url));
}
