import { createHash } from 'node:crypto';
import type { DefectList } from './defect.ts';
import { parseDate } from './dates.ts';
import type { FeedEnclosure, FeedPerson, FeedText } from './feed.ts';
import { looksLikeHtml, oneLine, textOfHtml, unescapeTwice } from './html-text.ts';
import { attributeOf, baseOf, elementsOf, markupWithin, resolveUrl, textWithin, type XmlElement } from './xml-tree.ts';

/** What is known of the document that an element stands in. */
export interface ReadingContext {
  readonly defects: DefectList;
  /** Where the document came from. */
  readonly url: string | undefined;
}

/** A text that is said to be plain, or in which HTML is what it looks like, as a line to be read. */
export function plainTitle(text: string, context: ReadingContext, at?: number): string {
  if (looksLikeHtml(text)) return textOfHtml(text);
  return oneLine(withoutDoubleEscapes(text, context, at));
}

function withoutDoubleEscapes(text: string, { defects }: ReadingContext, at?: number): string {
  const unescaped = unescapeTwice(text);
  if (unescaped === undefined) return text;
  defects.add('DoubleEscaped', 'references in a title were escaped twice', at);
  return unescaped;
}

/** A text of an element in RSS, where nothing says whether it is markup: as it looks. */
export function rssText(element: XmlElement, context: ReadingContext): FeedText | undefined {
  const hasElements = elementsOf(element).length > 0;
  const value = (hasElements ? markupWithin(element) : textWithin(element)).trim();
  if (value === '') return undefined;
  const base = baseOf(element, context.url);
  const isHtml = hasElements || looksLikeHtml(value) || unescapeTwice(value) !== undefined;
  return { type: isHtml ? 'html' : 'text', value, ...(isHtml && base !== undefined && { base }) };
}

/** A title of RSS: markup becomes text, and a reference that is still there is read as HTML has it. */
export function rssTitle(element: XmlElement, context: ReadingContext): string {
  if (elementsOf(element).length > 0) return textOfHtml(markupWithin(element));
  const text = textWithin(element);
  if (looksLikeHtml(text)) return textOfHtml(text);
  const once = unescapeTwice(text);
  return once === undefined ? oneLine(text) : oneLine(withoutDoubleEscapes(once, context, element.at));
}

/** A date of an element; one that cannot be read is a defect. */
export function dateOf(element: XmlElement | undefined, { defects }: ReadingContext): string | undefined {
  if (element === undefined) return undefined;
  const text = textWithin(element).trim();
  if (text === '') return undefined;
  const date = parseDate(text);
  if (date === undefined) defects.add('BadDate', `${JSON.stringify(text.slice(0, 40))} is no date`, element.at);
  return date;
}

/** The link that is an element's text. */
export function linkOf(element: XmlElement | undefined, { url }: ReadingContext): string | undefined {
  return element === undefined ? undefined : resolveUrl(textWithin(element), baseOf(element, url));
}

/** `me@example.com (Name)`, `Name <me@example.com>` or a name. */
export function personOf(written: string): FeedPerson | undefined {
  const text = written.slice(0, 500);
  const line = oneLine(textOfHtml(/<[^<>\s]+@[^<>\s]+>/.test(text) ? text.replace(/[<>]/g, ' ') : text));
  if (line === '') return undefined;
  const email = /[^\s<>()[\]"',;:]+@[^\s<>()[\]"',;:]+\.[^\s<>()[\]"',;:]+/.exec(line)?.[0];
  if (email === undefined) return { name: line };
  const name = line
    .replace(email, '')
    .replace(/^[\s("'<[]+|[\s)"'>\]]+$/g, '')
    .trim();
  return { ...(name !== '' && { name }), email };
}

/** People without those that are there already. */
export function distinctPeople(people: readonly (FeedPerson | undefined)[]): FeedPerson[] {
  const seen = new Map<string, FeedPerson>();
  for (const person of people)
    if (person !== undefined) seen.set(person.email ?? person.name ?? person.url ?? '', person);
  return [...seen.values()];
}

/** A file that an element's attributes name: by `url`, or `href` in links. */
export function enclosureOf(element: XmlElement, { url }: ReadingContext): FeedEnclosure | undefined {
  const target = resolveUrl(attributeOf(element, 'url') ?? attributeOf(element, 'href') ?? '', baseOf(element, url));
  if (target === undefined) return undefined;
  const type = attributeOf(element, 'type')?.trim();
  const length = Number(attributeOf(element, 'length') ?? attributeOf(element, 'filesize'));
  const hasLength = Number.isSafeInteger(length) && length > 0;
  return { url: target, ...(type && { type }), ...(hasLength && { lengthBytes: length }) };
}

/** An id for what has none: the same for the same texts. */
export function idOfTexts(...texts: readonly (string | undefined)[]): string {
  const hash = createHash('sha256').update(texts.map((text) => text ?? '').join('\0'));
  return `sha256:${hash.digest('hex').slice(0, 32)}`;
}

/** An object without the fields that are undefined, so that what is not there is absent. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value as never;
}
