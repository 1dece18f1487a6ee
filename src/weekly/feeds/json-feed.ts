import type { DefectList } from './defect.ts';
import { parseDate } from './dates.ts';
import type { FeedBody, FeedEnclosure, FeedItem, FeedPerson, FeedText } from './feed.ts';
import { looksLikeHtml, oneLine } from './html-text.ts';
import { distinctPeople, idOfTexts, plainTitle, present, type ReadingContext } from './texts.ts';
import { resolveUrl } from './xml-tree.ts';

type Json = Readonly<Record<string, unknown>>;

/** Reads JSON Feed 1 and 1.1, or undefined if the text is not an object that could be one. */
export function readJsonFeed(text: string, context: ReadingContext, maxItems: number): FeedBody | undefined {
  const feed = objectOf(parseJson(text, context.defects));
  if (feed === undefined) return undefined;
  const version = stringOf(feed.version) ?? '';
  const items = Array.isArray(feed.items) ? feed.items : [];
  if (!/jsonfeed\.org/i.test(version) && !Array.isArray(feed.items)) return undefined;
  if (items.length > maxItems)
    context.defects.add('TooMany', `of ${items.length} items the first ${maxItems} were read`);
  const home = urlOf(feed.home_page_url, context.url);
  const inner = { ...context, url: home ?? context.url };
  const authors = peopleOf(feed, inner);
  return present({
    format: /1\.1/.test(version) ? ('json-1.1' as const) : ('json-1.0' as const),
    title: plainTitle(wordOf(feed.title) ?? '', context),
    link: home,
    description: stringOf(feed.description),
    language: stringOf(feed.language),
    hints: {},
    items: items.slice(0, maxItems).flatMap((item) => {
      const object = objectOf(item);
      return object === undefined ? [] : [readItem(object, authors, inner)];
    }),
  });
}

function readItem(item: Json, feedAuthors: readonly FeedPerson[], context: ReadingContext): FeedItem {
  const url = context.url;
  const link = urlOf(item.url, url) ?? urlOf(item.external_url, url);
  const id = wordOf(item.id);
  const title = plainTitle(wordOf(item.title) ?? '', context);
  const authors = peopleOf(item, context);
  const tags = Array.isArray(item.tags) ? item.tags.map((tag) => oneLine(stringOf(tag) ?? '')) : [];
  const attachments = Array.isArray(item.attachments) ? item.attachments : [];
  const content = contentOf(item, link ?? url);
  return present({
    id: id || link || idOfTexts(title, content?.value),
    title,
    link,
    summary: textOf(item.summary, url),
    content,
    published: dateOf(item.date_published, context),
    updated: dateOf(item.date_modified, context),
    authors: authors.length > 0 ? authors : feedAuthors,
    categories: [...new Set(tags.filter((tag) => tag !== ''))],
    enclosures: attachments.map((one) => enclosureOf(objectOf(one), url)).filter((one) => one !== undefined),
  });
}

function contentOf(item: Json, base: string | undefined): FeedText | undefined {
  const html = stringOf(item.content_html);
  if (html) return present({ type: 'html' as const, value: html, base });
  const text = stringOf(item.content_text);
  return text ? { type: 'text', value: text } : undefined;
}

function textOf(value: unknown, base: string | undefined): FeedText | undefined {
  const text = stringOf(value);
  if (!text) return undefined;
  return looksLikeHtml(text) ? present({ type: 'html' as const, value: text, base }) : { type: 'text', value: text };
}

function dateOf(value: unknown, { defects }: ReadingContext): string | undefined {
  const text = wordOf(value);
  if (!text) return undefined;
  const date = parseDate(text);
  if (date === undefined) defects.add('BadDate', `${JSON.stringify(text.slice(0, 40))} is no date`);
  return date;
}

function peopleOf(of: Json, { url }: ReadingContext): FeedPerson[] {
  const people = [...(Array.isArray(of.authors) ? of.authors : []), of.author];
  return distinctPeople(
    people.map((one) => {
      const person = typeof one === 'string' ? { name: one } : objectOf(one);
      if (person === undefined) return undefined;
      const found = present({ name: stringOf(person.name), url: urlOf((person as Json).url, url) });
      return Object.keys(found).length === 0 ? undefined : found;
    }),
  );
}

function enclosureOf(attachment: Json | undefined, base: string | undefined): FeedEnclosure | undefined {
  const url = urlOf(attachment?.url, base);
  if (url === undefined) return undefined;
  const length = attachment?.size_in_bytes;
  return present({
    url,
    type: stringOf(attachment?.mime_type),
    lengthBytes: typeof length === 'number' ? length : undefined,
  });
}

function urlOf(value: unknown, base: string | undefined): string | undefined {
  return typeof value === 'string' ? resolveUrl(value, base) : undefined;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A string, or a number where a string should be. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : stringOf(value);
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** JSON, or as much of it as there is: a text that ends too early is read to the last value that is whole. */
function parseJson(text: string, defects: DefectList): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    defects.add('InvalidJSON', `${oneLine((error as Error).message).slice(0, 100)}; it was read as far as it goes`);
  }
  const mended = mendJson(text);
  try {
    return JSON.parse(mended);
  } catch {
    return undefined;
  }
}

/** Deeper than this nothing is mended: no feed is, and whoever sends it means harm. */
const MAX_DEPTH = 1000;

/** Cuts a text of JSON behind the last value that is whole and closes what is open; commas too many and raw controls go. */
function mendJson(text: string): string {
  const parts: string[] = [];
  const open: string[] = [];
  let whole = { length: 0, depth: 0 };
  let copied = 0;
  let comma: number | undefined;
  for (let at = 0; at < text.length && open.length <= MAX_DEPTH; at++) {
    const sign = text[at]!;
    if (sign === ',') comma = at;
    else if (sign === '}' || sign === ']') {
      if (open.pop() !== sign) break;
      parts.push(text.slice(copied, comma ?? at), sign);
      copied = at + 1;
      whole = { length: parts.length, depth: open.length };
      if (open.length === 0) break;
    }
    if (sign === '{' || sign === '[') open.push(sign === '{' ? '}' : ']');
    if (sign !== ',' && sign > ' ') comma = undefined;
    if (sign !== '"') continue;
    const end = endOfString(text, at);
    if (end < 0) break;
    parts.push(text.slice(copied, at), text.slice(at, end + 1).replace(/[\0-\x1f]/g, controlEscape));
    copied = end + 1;
    at = end;
  }
  const closing = open.slice(0, whole.depth).reverse();
  return parts.slice(0, whole.length).join('') + closing.join('');
}

/** Where the string that begins at a quotation mark ends, or -1. A loop: an expression would need a stack for each escape. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return -1;
}

function controlEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
