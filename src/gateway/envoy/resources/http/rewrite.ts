import type { PathMatch, Rewrite } from '../../../model/index.ts';

/** How Envoy writes another path, in a route or in a redirect. */
export interface PathRewrite {
  readonly prefix_rewrite?: string;
  readonly regex_rewrite?: { readonly pattern: { readonly regex: string }; readonly substitution: string };
}

/**
 * A prefix goes by whole elements, and so does what replaces it: `/a` by `/` makes `/b` of `/a/b`, by `/x` `/x/b`, and `/` by
 * `/x` makes `/x/b` of `/b`. Envoy replaces characters, so where a slash would be missing or double it needs an expression.
 */
export function pathRewrite(match: PathMatch, path: Rewrite['path']): PathRewrite {
  if (path === undefined) return {};
  if (path.type === 'ReplaceFullPath') return byExpression('^/.*$', path.value || '/');
  const prefix = match.type === 'PathPrefix' && match.value !== '/' ? match.value : '';
  const replacement = path.value.replace(/\/+$/, '');
  if (match.type !== 'PathPrefix') return byExpression('^/.*$', path.value || '/');
  if (prefix === '') return replacement === '' ? {} : { prefix_rewrite: `${replacement}/` };
  return replacement === '' ? byExpression(`^${quoted(prefix)}/?`, '/') : { prefix_rewrite: replacement };
}

/** An expression that matches a text as it is. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function byExpression(regex: string, text: string): PathRewrite {
  return { regex_rewrite: { pattern: { regex }, substitution: text.replaceAll('\\', '\\\\') } };
}
