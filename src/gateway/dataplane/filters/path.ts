import type { ClientSettings } from '../../model/index.ts';

/** What becomes of a path before a route is chosen by it. */
export type NormalPath =
  | { readonly type: 'path'; readonly path: string; readonly query: string }
  /** The client is sent to what the path means. */
  | { readonly type: 'redirect'; readonly location: string }
  | { readonly type: 'bad' };

const ESCAPED_SLASH = /%2f|%5c/i;
/** Nothing of this: a path is as it should be. */
const UNUSUAL = /\/\.|%2e|\\|\/\/|%2f|%5c|#/i;

/**
 * The path that routes are matched with, and backends are asked for: dots are resolved (RFC 3986, 5.2.4), backslashes are
 * slashes, several slashes are one, so that no two spellings of a path have different routes. Slashes that are escaped are
 * kept unless the settings say otherwise. A path that leads above the root is none.
 */
export function normalizePath(target: string, settings: ClientSettings['path']): NormalPath {
  const question = target.indexOf('?');
  const raw = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question + 1);
  if (!UNUSUAL.test(raw)) return { type: 'path', path: raw, query };
  if (raw.includes('#')) return { type: 'bad' };
  const escaped = settings?.escapedSlashes ?? 'UnescapeAndRedirect';
  const unescapes = ESCAPED_SLASH.test(raw) && escaped !== 'Keep';
  if (unescapes && escaped === 'Reject') return { type: 'bad' };
  const unescaped = unescapes ? raw.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') : raw;
  const path = resolve(unescaped, settings?.mergeSlashes ?? true);
  if (path === undefined) return { type: 'bad' };
  if (unescapes && escaped === 'UnescapeAndRedirect') {
    return { type: 'redirect', location: query === '' ? path : `${path}?${query}` };
  }
  return { type: 'path', path, query };
}

function resolve(raw: string, mergeSlashes: boolean): string | undefined {
  const parts = raw.replace(/\\/g, '/').replace(/%2e/gi, '.').slice(1).split('/');
  const kept: string[] = [];
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === '..') {
      if (kept.pop() === undefined) return undefined;
      if (last) kept.push('');
    } else if (part === '.') {
      if (last) kept.push('');
    } else if (part !== '' || last || !mergeSlashes) kept.push(part);
  }
  return `/${kept.join('/')}`;
}
