import { unwrapped } from './redirectors.ts';
import { ofSite, tellingPath } from './sites.ts';
import { isTracking } from './tracking.ts';

/**
 * The address under which a page is shared: without what tells who shared it, without the wrapping of redirectors and AMP caches whose target
 * stands in the address, the conversation of a pull request for each of its tabs. It still leads to the page.
 *
 * Where a redirect has to be followed to know (t.co, a feed's proxy), or a page names its own address, that is the caller's to do first.
 *
 * @returns undefined for what is no address of a page (`mailto:`, a relative path)
 */
export function canonicalUrl(address: string): string | undefined {
  const url = pageUrl(address);
  if (url === undefined) return undefined;
  const target = unwrapped(url);
  if (target !== undefined) return canonicalUrl(target) ?? clean(url);
  return clean(url);
}

/**
 * What two addresses of one page have in common, to compare by and not to visit: also without scheme, `www.`, the order of parameters,
 * trailing slashes and index pages.
 */
export function urlKey(address: string): string | undefined {
  const canonical = canonicalUrl(address);
  if (canonical === undefined) return undefined;
  const url = new URL(canonical);
  url.searchParams.sort();
  const host = url.host.replace(/^(www|m|mobile)\./, '');
  const path = url.pathname.replace(/\/(index|default)\.(html?|php|aspx?)$/i, '/').replace(/\/+$/, '');
  return `${host}${tellingPath(host, path)}${url.search}${url.hash}`;
}

function pageUrl(address: string): URL | undefined {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : undefined;
}

function clean(url: URL): string {
  url.username = '';
  url.password = '';
  url.hostname = url.hostname.replace(/\.$/, '');
  ofSite(url);
  for (const name of [...url.searchParams.keys()]) if (isTracking(url.hostname, name)) url.searchParams.delete(name);
  withoutAmp(url);
  if (!isMeaningful(url.hash)) url.hash = '';
  url.pathname = sameEscapes(url.pathname);
  return withoutEmptyQuery(url);
}

/** Where names of projects are, some of which are called amp. */
const OF_CODE =
  /(^|\.)(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|pkg\.go\.dev|npmjs\.com|pypi\.org|crates\.io)$/;

/** The page itself for its AMP version, where the address shows that it is one. */
function withoutAmp(url: URL): void {
  if (OF_CODE.test(url.hostname)) return;
  if (/^(1|true|)$/.test(url.searchParams.get('amp') ?? 'no')) url.searchParams.delete('amp');
  if (url.searchParams.get('outputType') === 'amp') url.searchParams.delete('outputType');
  url.hostname = url.hostname.replace(/^amp\.(?=[^.]+\.)/, '');
  url.pathname = url.pathname
    .replace(/\/amp\/?$/, '/')
    .replace(/\.amp(\.html)?$/, '.html')
    .replace(/^\/amp\/(?=.)/, '/');
}

/** A fragment is where on a page, except in those that put their pages there (`#!…`, `#/…`). */
function isMeaningful(hash: string): boolean {
  return /^#(!|\/)./.test(hash);
}

/** Escapes of letters that need none are undone, and others are written in one way (RFC 3986, 6.2.2). */
function sameEscapes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const letter = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(letter) ? letter : escape.toUpperCase();
  });
}

function withoutEmptyQuery(url: URL): string {
  if ([...url.searchParams.keys()].length === 0) url.search = '';
  return url.href;
}
