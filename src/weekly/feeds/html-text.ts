import { decodeEntities } from './entities.ts';
import { MarkupReader } from './markup-reader.ts';

/** Elements of HTML that people write into titles and summaries. */
const ELEMENTS =
  'a abbr acronym address article aside b bdi bdo big blockquote body br center cite code col dd del details dfn div dl dt em embed figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main mark meta nav ol p picture pre q rp rt ruby s samp script section small source span strike strong style sub summary sup table tbody td template tfoot th thead time title tr tt u ul var video wbr';
const IS_ELEMENT = new Set(ELEMENTS.split(' '));
const STANDS_ALONE = new Set(['br', 'hr', 'img', 'p', 'li', 'wbr', 'input', 'a', 'meta', 'link', 'embed']);
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]*>/g;

/** Elements between which a text has a space. */
const BLOCKS = new Set(
  'address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul'.split(
    ' ',
  ),
);

/**
 * Whether a text that may be HTML or not is HTML: it has elements that begin and end, or such as stand alone. `the <script> tag` and
 * `List<T>` are none.
 */
export function looksLikeHtml(text: string): boolean {
  if (!text.includes('<')) return false;
  const opened = new Set<string>();
  for (const [tag, slash, written = ''] of text.matchAll(TAG)) {
    const name = written.toLowerCase();
    if (!IS_ELEMENT.has(name)) continue;
    if (slash === '' && (tag.endsWith('/>') || STANDS_ALONE.has(name)) && name !== 'link') return true;
    if (slash === '/' && opened.has(name)) return true;
    opened.add(name);
  }
  return false;
}

/** What is to be read of HTML, in one line: without tags, scripts and styles. */
export function textOfHtml(html: string): string {
  if (!/[<&]/.test(html)) return oneLine(html);
  const reader = new MarkupReader(html, { syntax: 'html' });
  const parts: string[] = [];
  let hidden: string | undefined;
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind === 'text') {
      if (hidden === undefined) parts.push(token.text);
      continue;
    }
    if (BLOCKS.has(token.name)) parts.push(' ');
    if (token.kind === 'open' && !token.isEmpty && (token.name === 'script' || token.name === 'style'))
      hidden = token.name;
    if (token.kind === 'close' && token.name === hidden) hidden = undefined;
  }
  return oneLine(parts.join(''));
}

/** A text without the white space around it, and with one space where there is any. */
export function oneLine(text: string): string {
  return text.replace(/[\s\u00a0]+/g, ' ').trim();
}

/** A text in which references are left that were escaped twice: `AT&amp;amp;T` in a file. */
export function unescapeTwice(text: string): string | undefined {
  if (!/&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-f]{2,4}|[lr][sd]quo|[mn]dash|hellip);/i.test(text))
    return undefined;
  return decodeEntities(text);
}
