import { readAtom } from './atom.ts';
import { decodeText } from './decode-text.ts';
import { DefectList } from './defect.ts';
import type { FeedBody, ParsedFeed } from './feed.ts';
import { readJsonFeed } from './json-feed.ts';
import { readRss } from './rss.ts';
import type { ReadingContext } from './texts.ts';
import { elementsOf, readXml, type XmlElement } from './xml-tree.ts';

/** What is known of a feed's bytes, and how much of it is read. */
export interface ParseFeedOptions {
  /** The header Content-Type that they came with. */
  readonly contentType?: string;
  /** Where they came from; relative links are relative to it. */
  readonly url?: string;
  /** More items than this are left out; 5000 by default. */
  readonly maxItems?: number;
}

const MAX_ITEMS = 5000;

/**
 * Reads a feed of any kind: RSS 0.9 to 2.0, Atom 0.3 and 1.0, JSON Feed 1 and 1.1, in whatever encoding and state. What is broken is
 * read as far as it goes, and each defect is listed; nothing is thrown. Bytes that are no feed give one without a format.
 *
 * Linear in the bytes. Entities that the document declares are not replaced, and nothing is fetched.
 */
export function parseFeed(bytes: Uint8Array, options: ParseFeedOptions = {}): ParsedFeed {
  const { contentType, maxItems = MAX_ITEMS } = options;
  const isJson = looksLikeJson(bytes);
  const decoded = decodeText(bytes, { contentType, syntax: isJson ? 'json' : 'xml' });
  const defects = new DefectList(decoded.text);
  const context: ReadingContext = { defects, url: options.url };
  const body = isJson ? readJsonFeed(decoded.text, context, maxItems) : readXmlFeed(decoded.text, context, maxItems);
  return {
    ...(body ?? noFeed(decoded.text, defects)),
    encoding: decoded.encoding,
    defects: [...decoded.defects, ...defects.list()],
  };
}

/** Whether the first sign of bytes is that of an object; a feed of XML never begins so. */
function looksLikeJson(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  return /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*\{/.test(head);
}

function readXmlFeed(text: string, context: ReadingContext, maxItems: number): FeedBody | undefined {
  const feed = findFeed(readXml(text, context.defects));
  if (feed === undefined) return undefined;
  const isAtom = feed.name === 'feed' || feed.name === 'entry';
  return isAtom ? readAtom(feed, context, maxItems) : readRss(feed, context, maxItems);
}

/** How far within other elements a feed is looked for: some are served within a page. */
const FEED_DEPTH = 4;

/** The element that is a feed: usually the first, but it may stand in something else, or have lost what it stood in. */
function findFeed(document: XmlElement): XmlElement | undefined {
  let level = elementsOf(document);
  for (let depth = 0; depth < FEED_DEPTH; depth++) {
    const feed = level.find(({ name }) => ['rss', 'rdf', 'feed', 'channel'].includes(name));
    const found = feed ?? level.find(({ name, namespace }) => name === 'entry' && namespace === 'atom');
    if (found !== undefined) return found;
    level = level.flatMap((element) => elementsOf(element));
  }
  return elementsOf(document).some(({ name }) => name === 'item') ? document : undefined;
}

function noFeed(text: string, defects: DefectList): FeedBody {
  const isHtml = /<(?:!doctype\s+html|html|body)\b/i.test(text.slice(0, 4096));
  const what = text.trim() === '' ? 'empty' : isHtml ? 'an HTML page' : 'neither RSS, Atom nor JSON Feed';
  defects.add('NotAFeed', `this is ${what}`);
  return { format: undefined, title: '', hints: {}, items: [] };
}
