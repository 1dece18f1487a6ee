import { parseDate } from './dates.ts';
import { decodeText } from './decode-text.ts';
import { oneLine, textOfHtml } from './html-text.ts';
import { MarkupReader } from './markup-reader.ts';
import { present } from './texts.ts';
import { resolveUrl } from './xml-tree.ts';

/** What a page of the web says about itself, as a link card shows it. What it does not say is absent. */
export interface PageMetadata {
  /** Plain text in one line; empty if there is none. */
  readonly title: string;
  readonly description?: string;
  readonly siteName?: string;
  /** Its own address, which may differ from that where it was found. */
  readonly canonical?: string;
  readonly image?: string;
  /** As 2022-10-21T00:00:00.000Z. */
  readonly published?: string;
  readonly language?: string;
  /** The feeds that it names. */
  readonly feeds: readonly string[];
}

/** How much of a page is read: what is about it stands in its head. */
const READ_BYTES = 512 * 1024;

/** Elements of a page's body whose JSON-LD is looked at, at most. */
const MAX_LINKED_DATA = 8;

/**
 * Reads what a page says about itself: by Open Graph, else Twitter's cards, else JSON-LD, else its own title and description. Bytes
 * that are no page have an empty title.
 */
export function pageMetadata(bytes: Uint8Array, contentType: string | undefined, url: string): PageMetadata {
  const { text } = decodeText(bytes.subarray(0, READ_BYTES), { contentType, syntax: 'html' });
  const said = collect(text);
  const base = resolveUrl(said.base ?? '', url) ?? url;
  const data = linkedData(said.scripts);
  const meta = (...names: readonly string[]) =>
    names.map((name) => said.metas.get(name)).find((value) => value !== undefined);
  const link = (...references: readonly (string | undefined)[]) =>
    references.map((one) => resolveUrl(one ?? '', base)).find((one) => one !== undefined);
  const date =
    meta('article:published_time', 'datepublished', 'date', 'dc.date', 'dcterms.date', 'pubdate') ?? data.datePublished;
  return present({
    title: line(meta('og:title', 'twitter:title') ?? data.headline ?? said.title ?? said.heading) ?? '',
    description: line(meta('og:description', 'twitter:description', 'description') ?? data.description),
    siteName: line(meta('og:site_name', 'application-name') ?? data.publisher),
    canonical: link(said.canonical, meta('og:url')),
    image: link(
      meta('og:image', 'og:image:url', 'og:image:secure_url', 'twitter:image', 'twitter:image:src'),
      data.image,
    ),
    published: date === undefined ? undefined : parseDate(date),
    language: said.language ?? meta('og:locale')?.replace('_', '-'),
    feeds: [...new Set(said.feeds.flatMap((href) => resolveUrl(href, base) ?? []))],
  });
}

function line(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return oneLine(textOfHtml(text.includes('<') ? text.replaceAll('<', '&lt;') : text)) || undefined;
}

/** What stands in a page, before it is known what of it counts. */
interface Said {
  readonly metas: Map<string, string>;
  readonly scripts: string[];
  readonly feeds: string[];
  title?: string;
  heading?: string;
  canonical?: string;
  base?: string;
  language?: string;
}

function collect(text: string): Said {
  const said: Said = { metas: new Map(), scripts: [], feeds: [] };
  const reader = new MarkupReader(text, { syntax: 'html' });
  let within: 'title' | 'heading' | 'data' | 'svg' | undefined;
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind === 'text') {
      if (within === 'title') said.title ??= token.text;
      if (within === 'heading') said.heading = (said.heading ?? '') + token.text;
      if (within === 'data' && said.scripts.length < MAX_LINKED_DATA) said.scripts.push(token.text);
    } else if (token.kind === 'close') {
      const ended = { title: 'title', h1: 'heading', script: 'data', svg: 'svg' }[token.name];
      if (ended === within) within = undefined;
    } else if (within !== 'svg') {
      collectElement(token.name, token.attributes, said);
      if (token.name === 'title' && !token.isEmpty) within = 'title';
      if (token.name === 'svg' && !token.isEmpty) within = 'svg';
      if (token.name === 'h1' && said.heading === undefined) within = 'heading';
      if (token.name === 'script' && /ld\+json/i.test(token.attributes.get('type') ?? '')) within = 'data';
    }
  }
  return said;
}

function collectElement(name: string, attributes: ReadonlyMap<string, string>, said: Said): void {
  if (name === 'html')
    said.language ??= attributes.get('lang')?.trim() || attributes.get('xml:lang')?.trim() || undefined;
  if (name === 'base') said.base ??= attributes.get('href');
  if (name === 'meta') {
    const key = attributes.get('property') ?? attributes.get('name') ?? attributes.get('itemprop');
    const content = attributes.get('content')?.trim();
    const known = key?.trim().toLowerCase();
    if (known && content && !said.metas.has(known)) said.metas.set(known, content);
  }
  if (name === 'link') {
    const relations = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('canonical')) said.canonical ??= attributes.get('href');
    const isFeed = /(?:rss|atom|feed)\+(?:xml|json)/i.test(attributes.get('type') ?? '');
    if (relations.includes('alternate') && isFeed) said.feeds.push(attributes.get('href') ?? '');
  }
}

interface LinkedData {
  headline?: string;
  description?: string;
  datePublished?: string;
  image?: string;
  publisher?: string;
}

/** What the articles of JSON-LD say; what cannot be read is passed over. */
function linkedData(scripts: readonly string[]): LinkedData {
  const articles = scripts.flatMap((script) => nodesOf(parsed(script))).filter(isArticle);
  const of = (name: string) => articles.map((article) => stringOf(article[name])).find((value) => value !== undefined);
  return {
    headline: of('headline'),
    description: of('description'),
    datePublished: of('datePublished'),
    image: of('image') ?? of('thumbnailUrl'),
    publisher: of('publisher'),
  };
}

function parsed(script: string): unknown {
  try {
    return JSON.parse(script);
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

/** The objects at the top, in an array or in `@graph`. */
function nodesOf(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap((one) => (isObject(one) ? [one] : []));
  if (!isObject(value)) return [];
  const graph = value['@graph'];
  return [value, ...(Array.isArray(graph) ? graph.filter(isObject) : [])];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArticle(node: Json): boolean {
  return /Article|BlogPosting|Report|WebPage|VideoObject|SoftwareSourceCode/.test(JSON.stringify(node['@type'] ?? ''));
}

/** A text, the first of several, or the name or address of an object. */
function stringOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (Array.isArray(value)) return stringOf(value[0]);
  return isObject(value) ? stringOf(value.name ?? value.url) : undefined;
}
