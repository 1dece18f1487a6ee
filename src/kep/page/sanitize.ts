import sanitizeHtml from 'sanitize-html';
import { targetOf } from './addresses.ts';
import type { RenderContext, RenderedReadme } from './render-readme.ts';
import { WITH_CONTENT } from './unclosed.ts';

const TAGS = [
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'blockquote', 'pre', 'div', 'details', 'summary'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'caption'],
  ...['a', 'img', 'input', 'b', 'strong', 'i', 'em', 's', 'del', 'ins', 'u', 'sub', 'sup', 'small', 'mark'],
  ...['code', 'kbd', 'samp', 'var', 'tt', 'q', 'cite', 'abbr', 'span', 'figure', 'figcaption'],
];

/** Elements whose dropping is told by their own name; others are mostly names in angle brackets. */
const TOLD = new Set([
  ...WITH_CONTENT,
  ...['object', 'embed', 'applet', 'form', 'select', 'button', 'meta', 'base', 'frame', 'frameset', 'audio', 'video'],
]);

const ATTRIBUTES: Record<string, string[]> = {
  ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, ['id']])),
  a: ['href', 'title', 'id', 'class', 'rel'],
  img: ['src', 'alt', 'title', 'width', 'height', 'loading'],
  input: ['type', 'checked', 'disabled', 'aria-label'],
  ol: ['start', 'reversed'],
  li: ['value', 'class'],
  td: ['align', 'colspan', 'rowspan'],
  th: ['align', 'colspan', 'rowspan'],
  code: ['class'],
  div: ['class', 'tabindex'],
  pre: ['tabindex'],
  details: ['open'],
  abbr: ['title'],
};

/** What remains of an element that must go and has no text. (Of one that is not allowed, sanitize-html writes the end to a later one.) */
const EMPTY = { tagName: 'span', attribs: {} };

/** Makes HTML safe, and its links and images lead where they should. */
export function sanitized(html: string, context: RenderContext): Pick<RenderedReadme, 'html' | 'dropped'> {
  const dropped: Record<string, number> = {};
  const drop = (kind: string): void => {
    dropped[kind] = (dropped[kind] ?? 0) + 1;
  };
  let links = 0;
  const safe = sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: ATTRIBUTES,
    allowedClasses: { code: [/^language-[\w+-]+$/], li: ['task'], div: ['table'], a: ['foreign-image'] },
    // after addresses were judged; a page of ours may be at a relative one
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    nonTextTags: WITH_CONTENT,
    nestingLimit: 100,
    onOpenTag: (tag, attributes) => {
      if (tag === 'a') links++;
      countDropped(tag, attributes, drop);
    },
    onCloseTag: (tag) => {
      if (tag === 'a') links--;
    },
    transformTags: {
      a: (_, attributes) => ({ tagName: 'a', attribs: linkOf(attributes, context, drop) }),
      img: (_, attributes) => imageOf(attributes, links > 0, context, drop),
      input: (_, { type, checked }) =>
        type === 'checkbox' ? { tagName: 'input', attribs: boxOf(checked !== undefined) } : EMPTY,
      pre: () => ({ tagName: 'pre', attribs: { tabindex: '0' } }),
      div: (_, attributes) => ({
        tagName: 'div',
        attribs: attributes['class'] === 'table' ? { class: 'table', tabindex: '0' } : ({} as sanitizeHtml.Attributes),
      }),
    },
  });
  return { html: safe, dropped };
}

function countDropped(tag: string, attributes: Readonly<Record<string, string>>, drop: (kind: string) => void): void {
  if (!TAGS.includes(tag)) drop(TOLD.has(tag) ? tag : 'element');
  for (const name of Object.keys(attributes)) {
    if (/^on/i.test(name)) drop('event-handler');
    else if (name === 'style') drop('style');
  }
}

function linkOf(
  { href, title, name, id }: sanitizeHtml.Attributes,
  context: RenderContext,
  drop: (kind: string) => void,
): sanitizeHtml.Attributes {
  const anchor = id ?? name;
  const place = { ...(title !== undefined && { title }), ...(anchor !== undefined && { id: anchor }) };
  if (href === undefined) return place;
  const url = urlOf(href, context);
  if (url === undefined) {
    drop('address');
    return place;
  }
  return { href: url, ...(/^https?:/i.test(url) && { rel: 'noopener noreferrer' }), ...place };
}

function urlOf(address: string, context: RenderContext): string | undefined {
  const target = targetOf(address, context);
  if (target.kind === 'fragment' || target.kind === 'elsewhere') return target.url;
  if (target.kind === 'kep') return context.kepUrl(target.name) + target.fragment;
  return target.kind === 'file' ? context.fileUrl(target.path) + target.fragment : undefined;
}

/** An image of the checkout stays one; another becomes a link, or, within a link, its words. */
function imageOf(
  { src = '', alt = '', title, width, height }: sanitizeHtml.Attributes,
  isInLink: boolean,
  context: RenderContext,
  drop: (kind: string) => void,
): sanitizeHtml.Tag {
  const target = targetOf(src, context);
  const own = target.kind === 'file' ? context.imageUrl?.(target.path) : undefined;
  if (own !== undefined) {
    const size = { ...sized('width', width), ...sized('height', height) };
    return { tagName: 'img', attribs: { src: own, alt, loading: 'lazy', ...(title && { title }), ...size } };
  }
  const url = urlOf(src, context);
  if (url === undefined) {
    drop('address');
    return { tagName: 'span', attribs: {}, text: alt };
  }
  const host = /^https?:\/\/(?:[^/@]*@)?([^/?#:]+)/i.exec(url)?.[1];
  const text = `[image${host === undefined ? '' : ` at ${host}`}${alt === '' ? '' : `: ${alt}`}]`;
  if (isInLink) return { tagName: 'span', attribs: {}, text };
  return { tagName: 'a', attribs: { href: url, class: 'foreign-image', rel: 'noopener noreferrer' }, text };
}

function sized(name: string, text: string | undefined): sanitizeHtml.Attributes {
  const [size] = /^\d{1,4}(?=(?:px)?$)/.exec(text ?? '') ?? [];
  return size === undefined ? {} : { [name]: size };
}

function boxOf(isDone: boolean): sanitizeHtml.Attributes {
  return { type: 'checkbox', disabled: '', ...(isDone && { checked: '' }), 'aria-label': isDone ? 'done' : 'not done' };
}
