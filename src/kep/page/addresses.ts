import { posix } from 'node:path';
import type { RenderContext } from './render-readme.ts';

/** Where a link or an image of a text leads. */
export type Target =
  /** To a place of the same page: `#summary`. */
  | { readonly kind: 'fragment'; readonly url: string }
  /** To the page of a KEP. */
  | { readonly kind: 'kep'; readonly name: string; readonly fragment: string }
  /** To a file or folder of the repository, by its path. */
  | { readonly kind: 'file'; readonly path: string; readonly fragment: string }
  | { readonly kind: 'elsewhere'; readonly url: string }
  /** Nowhere that a page may lead: `javascript:`, `data:`, out of the repository. */
  | { readonly kind: 'refused' };

/** The addresses of the repository's files on GitHub. */
const OWN_PAGES =
  /^https?:\/\/(?:www\.)?github\.com\/kubernetes\/enhancements\/(?:blob|tree)\/(?:master|main|HEAD)\/([^?#]*)(?:\?[^#]*)?(#.*)?$/i;

/** Says where an address in a text of a KEP leads; relative ones are as in the repository. */
export function targetOf(address: string, { kep, kepAt }: Pick<RenderContext, 'kep' | 'kepAt'>): Target {
  // browsers leave these out before they read a scheme, so `java\nscript:` is one
  // oxlint-disable-next-line no-control-regex
  const url = address.replace(/[\x00-\x20\x7f]+/g, '');
  if (url.startsWith('#')) return { kind: 'fragment', url };
  const [, path, fragment = ''] = OWN_PAGES.exec(url) ?? [];
  if (path !== undefined) return inRepository(decoded(path), fragment, kepAt) ?? { kind: 'elsewhere', url };
  if (/^(?:https?:\/\/|mailto:)[^\s]/i.test(url)) return { kind: 'elsewhere', url };
  if (url.startsWith('//')) return { kind: 'elsewhere', url: `https:${url}` };
  if (/^[^/?#]*:/.test(url) || url === '' || url.includes('\\')) return { kind: 'refused' };
  const [, relative = '', own = ''] = /^([^?#]*)(?:\?[^#]*)?(#.*)?$/.exec(url) ?? [];
  const from = relative.startsWith('/') ? '' : kep.path;
  return inRepository(posix.join(from, decoded(relative)), own, kepAt) ?? { kind: 'refused' };
}

function inRepository(path: string, fragment: string, kepAt: RenderContext['kepAt']): Target | undefined {
  const plain = posix.normalize(path).replace(/^\/+|\/+$/g, '');
  if (plain === '..' || plain.startsWith('../')) return undefined;
  const name = kepAt(plain.replace(/\/(?:readme\.md|kep\.yaml)$/i, ''));
  return name === undefined ? { kind: 'file', path: plain, fragment } : { kind: 'kep', name, fragment };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
