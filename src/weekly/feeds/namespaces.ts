/** The short name by which this room knows a namespace. Elements of RSS have many, and all of them are `rss`. */
const KEYS: Readonly<Record<string, string>> = {
  '': '',
  'http://my.netscape.com/rdf/simple/0.9': 'rss',
  'http://channel.netscape.com/rdf/simple/0.9': 'rss',
  'http://my.netscape.com/publish/formats/rss-0.91.dtd': 'rss',
  'http://purl.org/rss/1.0': 'rss',
  'http://purl.org/net/rss1.1': 'rss',
  'http://backend.userland.com/rss': 'rss',
  'http://backend.userland.com/rss2': 'rss',
  'http://backend.userland.com/rss091': 'rss',
  'http://backend.userland.com/rss092': 'rss',
  'http://blogs.law.harvard.edu/tech/rss': 'rss',
  'http://cyber.law.harvard.edu/rss/rss.html': 'rss',
  'http://www.rssboard.org/rss-specification': 'rss',
  'http://example.com/necho': 'atom',
  'http://example.com/newformat': 'atom',
  'http://purl.org/atom/ns': 'atom',
  'https://purl.org/atom/ns': 'atom',
  'http://purl.org/net/rss1.1/payload': 'rss',
  'http://www.w3.org/2005/atom': 'atom',
  'https://www.w3.org/2005/atom': 'atom',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns': 'rdf',
  'http://purl.org/dc/elements/1.0': 'dc',
  'http://purl.org/dc/elements/1.1': 'dc',
  'http://purl.org/dc/terms': 'dcterms',
  'http://purl.org/rss/1.0/modules/content': 'content',
  'http://search.yahoo.com/mrss': 'media',
  'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'http://www.w3.org/1999/xhtml': 'xhtml',
  'http://rssnamespace.org/feedburner/ext/1.0': 'feedburner',
  'http://purl.org/rss/1.0/modules/syndication': 'sy',
  'http://wellformedweb.org/commentapi': 'wfw',
  'http://purl.org/rss/1.0/modules/slash': 'slash',
};

const PREFIXES: ReadonlySet<string> = new Set([
  'atom',
  'rdf',
  'dc',
  'dcterms',
  'content',
  'media',
  'itunes',
  'xhtml',
  'feedburner',
  'sy',
  'wfw',
  'slash',
]);

/** The short name of a namespace, by its URI as it is met: in any case, with spaces, with or without its last sign. */
export function namespaceKey(uri: string): string | undefined {
  return KEYS[
    uri
      .trim()
      .toLowerCase()
      .replace(/[/#]+$/, '')
  ];
}

/** What a prefix means to everybody, also where a document forgets to declare it. */
export function conventionalKey(prefix: string): string | undefined {
  if (prefix === 'a') return 'atom';
  return PREFIXES.has(prefix.toLowerCase()) ? prefix.toLowerCase() : undefined;
}
