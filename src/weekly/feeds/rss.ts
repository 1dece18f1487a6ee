import { atomLink, atomPerson, atomText } from './atom.ts';
import type { FeedBody, FeedFormat, FeedItem, FeedPerson, PollHints } from './feed.ts';
import { oneLine } from './html-text.ts';
import {
  dateOf,
  distinctPeople,
  enclosureOf,
  idOfTexts,
  linkOf,
  personOf,
  present,
  type ReadingContext,
  rssText,
  rssTitle,
} from './texts.ts';
import { attributeOf, baseOf, childrenOf, elementsOf, resolveUrl, textWithin, type XmlElement } from './xml-tree.ts';

/** Where RSS' own elements are: in no namespace, in one of its own, in that of a page around it, or in one that nobody knows. */
const isOwn = ({ namespace }: XmlElement): boolean =>
  namespace === '' || namespace === 'rss' || namespace === 'xhtml' || /^(https?|urn):/.test(namespace);

/** Reads RSS of any version, from the element `rss` or `rdf:RDF`, or from a `channel` that has neither. */
export function readRss(root: XmlElement, context: ReadingContext, maxItems: number): FeedBody {
  const channel = root.name === 'channel' ? root : (childrenOf(root, 'channel')[0] ?? root);
  const items = [root, ...childrenOf(root, 'channel')].flatMap((place) => itemsOf(place));
  if (items.length > maxItems)
    context.defects.add('TooMany', `of ${items.length} items the first ${maxItems} were read`);
  const link = ownLink(channel, context);
  const hints = hintsOf(channel);
  return present({
    format: formatOf(root),
    title: titleOf(channel, context),
    link,
    description: descriptionOf(channel, context),
    language: languageOf(channel),
    updated: dateOf(first(channel, 'lastbuilddate', 'pubdate', 'dc:date', 'dcterms:modified', 'atom:updated'), context),
    hints,
    items: items.slice(0, maxItems).map((item) => readItem(item, { ...context, url: link ?? context.url })),
  });
}

function itemsOf(place: XmlElement): XmlElement[] {
  const wrapped = childrenOf(place, 'items').flatMap((items) => childrenOf(items, 'item'));
  return [...childrenOf(place, 'item'), ...wrapped].filter(isOwn);
}

function formatOf(root: XmlElement): FeedFormat {
  if (root.name === 'rdf') {
    const uses = [
      ...root.attributes.values(),
      ...elementsOf(root).flatMap(({ attributes }) => [...attributes.values()]),
    ];
    return uses.some((value) => /netscape\.com\/rdf\/simple\/0\.9/i.test(value)) ? 'rss-0.90' : 'rss-1.0';
  }
  const version = (attributeOf(root, 'version') ?? '').trim();
  if (version.startsWith('2')) return 'rss-2.0';
  const old = /^(0\.9[0-4])/.exec(version)?.[1] ?? (/^1\.[01]/.test(version) ? version.slice(0, 3) : undefined);
  return old === undefined ? 'rss' : (`rss-${old}` as FeedFormat);
}

/** The first element that is there of several: a local name is RSS' own, others have the prefix that is usual for them. */
function first(parent: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  for (const name of names) {
    const [found] = all(parent, name).filter((element) => textWithin(element).trim() !== '');
    if (found !== undefined) return found;
  }
  return undefined;
}

function all(parent: XmlElement, name: string): XmlElement[] {
  const [prefix, local] = name.includes(':') ? (name.split(':') as [string, string]) : [undefined, name];
  return childrenOf(parent, local).filter((element) =>
    prefix === undefined ? isOwn(element) : element.namespace === prefix,
  );
}

function titleOf(element: XmlElement, context: ReadingContext): string {
  const title = first(element, 'title', 'dc:title', 'atom:title', 'media:title', 'itunes:title');
  if (title === undefined) return '';
  return title.namespace === 'atom' ? (atomText(title, context)?.line ?? '') : rssTitle(title, context);
}

function descriptionOf(channel: XmlElement, context: ReadingContext): string | undefined {
  const element = first(channel, 'description', 'dc:description', 'itunes:subtitle', 'itunes:summary', 'atom:subtitle');
  return element === undefined ? undefined : rssTitle(element, context);
}

function languageOf(channel: XmlElement): string | undefined {
  const element = first(channel, 'language', 'dc:language');
  const language = element === undefined ? inheritedLanguage(channel) : textWithin(element);
  return language === undefined || language.trim() === '' ? undefined : language.trim();
}

function inheritedLanguage(element: XmlElement): string | undefined {
  return (
    element.attributes.get('xml:lang') ?? (element.parent === undefined ? undefined : inheritedLanguage(element.parent))
  );
}

/** The site of a channel: not `atom:link rel="self"`, which is the feed itself. */
function ownLink(channel: XmlElement, context: ReadingContext): string | undefined {
  const own = all(channel, 'link').map((element) => linkOf(element, context) ?? hrefOf(element, context));
  return own.find((link) => link !== undefined) ?? atomLink(all(channel, 'atom:link'), context);
}

/** `<link href="…"/>` as in Atom, in RSS. */
function hrefOf(element: XmlElement, { url }: ReadingContext): string | undefined {
  return resolveUrl(attributeOf(element, 'href') ?? '', baseOf(element, url));
}

function readItem(item: XmlElement, context: ReadingContext): FeedItem {
  const guid = first(item, 'guid', 'atom:id', 'dc:identifier');
  const guidText = guid === undefined ? undefined : oneLine(textWithin(guid));
  const link = itemLink(item, guid, context);
  const summary = first(item, 'description', 'dc:description', 'atom:summary', 'itunes:summary', 'media:description');
  const content = first(
    item,
    'content:encoded',
    'xhtml:body',
    'xhtml:div',
    'atom:content',
    'encoded',
    'fullitem',
    'content',
    'body',
  );
  const title = titleOf(item, context);
  const summaryText = summary && rssText(summary, context);
  const about = attributeOf(item, 'about')?.trim();
  return present({
    id: guidText || about || link || idOfTexts(title, summaryText?.value),
    title,
    link: link ?? (about === undefined ? undefined : resolveUrl(about, context.url)),
    summary: summaryText,
    content: content && rssText(content, context),
    published: dateOf(
      first(item, 'pubdate', 'dc:date', 'dcterms:issued', 'dcterms:created', 'atom:published', 'date', 'published'),
      context,
    ),
    updated: dateOf(first(item, 'dcterms:modified', 'atom:updated', 'updated'), context),
    authors: authorsOf(item, context),
    categories: categoriesOf(item),
    enclosures: [...all(item, 'enclosure'), ...all(item, 'media:content'), ...mediaGroups(item)]
      .map((element) => enclosureOf(element, context))
      .filter((one) => one !== undefined),
    commentsLink: linkOf(first(item, 'comments'), context),
  });
}

/** Where an item is: what FeedBurner and others put behind their redirects, else its link, else a guid that is one. */
function itemLink(item: XmlElement, guid: XmlElement | undefined, context: ReadingContext): string | undefined {
  const original = linkOf(first(item, 'feedburner:origlink'), context);
  const own = original ?? ownLink(item, context);
  if (own !== undefined || guid === undefined) return own;
  const isLink = attributeOf(guid, 'ispermalink')?.toLowerCase() !== 'false' && /^\s*https?:/i.test(textWithin(guid));
  return isLink ? linkOf(guid, context) : undefined;
}

function mediaGroups(item: XmlElement): XmlElement[] {
  return all(item, 'media:group').flatMap((group) => all(group, 'media:content'));
}

function authorsOf(item: XmlElement, context: ReadingContext): FeedPerson[] {
  const atom = all(item, 'atom:author').map((author) => atomPerson(author, context));
  const own = [...all(item, 'author'), ...all(item, 'dc:creator'), ...all(item, 'dc:author')];
  const people = own.map((author) =>
    childrenOf(author, 'name').length > 0 ? atomPerson(author, context) : personOf(textWithin(author)),
  );
  const found = distinctPeople([...people, ...atom]);
  if (found.length > 0) return found;
  return distinctPeople(all(item, 'itunes:author').map((author) => personOf(textWithin(author))));
}

function categoriesOf(item: XmlElement): string[] {
  const elements = [...all(item, 'category'), ...all(item, 'dc:subject'), ...all(item, 'atom:category')];
  const names = elements.map((element) => oneLine(attributeOf(element, 'term') ?? textWithin(element)));
  return [...new Set(names.filter((name) => name !== ''))];
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const PERIODS: Readonly<Record<string, number>> = {
  hourly: 3600,
  daily: 86_400,
  weekly: 604_800,
  monthly: 2_592_000,
  yearly: 31_536_000,
};

function hintsOf(channel: XmlElement): PollHints {
  const within = (name: string, part: string) =>
    all(channel, name).flatMap((element) => childrenOf(element, part).map((child) => textWithin(child).trim()));
  const hours = within('skiphours', 'hour').map((hour) => Number(hour) % 24);
  const days = within('skipdays', 'day').map((day) => DAYS.indexOf(day.toLowerCase()));
  const skipHours = hours.filter((hour) => Number.isInteger(hour) && hour >= 0);
  const skipDays = days.filter((day) => day >= 0);
  return present({
    intervalSeconds: intervalOf(channel),
    skipHours: skipHours.length > 0 ? [...new Set(skipHours)] : undefined,
    skipDays: skipDays.length > 0 ? [...new Set(skipDays)] : undefined,
  });
}

/** A longer wish than this is none. */
const LONGEST_SECONDS = 31_536_000;

function intervalOf(channel: XmlElement): number | undefined {
  const minutes = Number(textOrEmpty(first(channel, 'ttl')) || Number.NaN);
  if (minutes > 0 && Number.isFinite(minutes)) return Math.min(Math.round(minutes * 60), LONGEST_SECONDS);
  const period = PERIODS[textOrEmpty(first(channel, 'sy:updateperiod')).toLowerCase()];
  const frequency = Number(textOrEmpty(first(channel, 'sy:updatefrequency')) || 1);
  return period === undefined || !(frequency >= 1) ? undefined : Math.round(period / frequency);
}

function textOrEmpty(element: XmlElement | undefined): string {
  return element === undefined ? '' : textWithin(element).trim();
}
