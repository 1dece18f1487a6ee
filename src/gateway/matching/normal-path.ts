import type { ClientSettings } from '../model/index.ts';

/** What becomes of a path before a route is chosen by it. */
export type NormalPath =
  | { readonly type: 'path'; readonly path: string; readonly query: string }
  /** The client is sent to what the path means. */
  | { readonly type: 'redirect'; readonly location: string }
  | { readonly type: 'bad' };

const ESCAPED_SLASH = /%2f|%5c/i;
/** Escapes that say nothing: letters, digits and `-._~` mean the same without them (RFC 3986, 6.2.2.2). */
const NEEDLESS = /%(2[de]|3\d|[46][1-9a-f]|[57][0-9a]|5f|7e)/gi;
/** What may stand in no path, and is escaped as Envoy does it. */
const STRAY = /["<>^{|}]/g;
/** A fragment, and bytes that no URL has: they must be escaped. */
const NEVER = /[#\x80-\uffff]/;
/** Nothing of this: a path is as it should be. */
const UNUSUAL = /\/\.|\\|\/\/|["<>^{|}]|%(?:00|2[def]|3\d|[46][1-9a-f]|[57][0-9a]|5[cf]|7e)/i;

/**
 * The path that routes are matched with, and backends are asked for, as Envoy makes it: what is escaped without need is not,
 * dots are resolved (RFC 3986, 5.2.4), backslashes are slashes, several slashes are one. So no two spellings of a path have
 * different routes. Slashes that are escaped are kept unless the settings say otherwise.
 */
export function normalizePath(target: string, settings: ClientSettings['path']): NormalPath {
  if (NEVER.test(target)) return { type: 'bad' };
  const question = target.indexOf('?');
  const raw = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question + 1);
  if (!UNUSUAL.test(raw)) return { type: 'path', path: raw, query };
  if (raw.includes('%00')) return { type: 'bad' };
  const escaped = settings?.escapedSlashes ?? 'UnescapeAndRedirect';
  const unescapes = ESCAPED_SLASH.test(raw) && escaped !== 'Keep';
  if (unescapes && escaped === 'Reject') return { type: 'bad' };
  const unescaped = unescapes ? raw.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') : raw;
  const resolved = resolve(unescaped);
  const path = (settings?.mergeSlashes ?? true) ? resolved.replace(/\/{2,}/g, '/') : resolved;
  if (unescapes && escaped === 'UnescapeAndRedirect') {
    // two slashes at the beginning would be another host
    const location = path.startsWith('//') ? `/.${path}` : path;
    return { type: 'redirect', location: query === '' ? location : `${location}?${query}` };
  }
  return { type: 'path', path, query };
}

/** Without dots; nothing is above the root. */
function resolve(raw: string): string {
  const plain = raw
    .replace(NEEDLESS, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(STRAY, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const parts = plain.replace(/\\/g, '/').slice(1).split('/');
  const kept: string[] = [];
  for (const [i, part] of parts.entries()) {
    if (part !== '..' && part !== '.') kept.push(part);
    else {
      if (part === '..') kept.pop();
      if (i === parts.length - 1) kept.push('');
    }
  }
  return `/${kept.join('/')}`;
}
