import { fromByteText, quoteByteText, toByteText } from './byte-text.ts';
import { parseAddress } from './netip.ts';
import type { Parsed } from './parsed.ts';

/** A URL as Go's net/url reads it, which is not as browsers do. All parts are byte texts (byte-text.ts). */
export interface GoUrl {
  readonly scheme: string;
  /** What follows the scheme when that is no slash, as in `mailto:a@b`. */
  readonly opaque: string;
  /** Undefined for none; encoded again when printed. */
  readonly user: UserInfo | undefined;
  /** Host and port. */
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  /** As it was written, where encoding the path would give something else. */
  readonly rawPath: string;
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  readonly rawFragment: string;
  /** There was a scheme and a path but no `//`. */
  readonly omitHost: boolean;
}

interface UserInfo {
  readonly name: string;
  readonly password: string | undefined;
}

/** Go reads no more parameters of a query than this, and then none. */
const MAX_QUERY_PARAMETERS = 10_000;

/** Reads an absolute URL, or a path, without looking for a fragment, as url.ParseRequestURI. */
export function parseRequestUri(text: string): Parsed<GoUrl> {
  const url = toByteText(text);
  const parsed = parse(url, true);
  return parsed.error === undefined ? parsed : parseFault(url, parsed.error);
}

/** Reads a URL reference, as url.Parse. */
export function parseUrl(text: string): Parsed<GoUrl> {
  const bytes = toByteText(text);
  const [url, rawFragment = ''] = cut(bytes, '#');
  const parsed = parse(url, false);
  if (parsed.error !== undefined) return parseFault(url, parsed.error);
  if (rawFragment === '') return parsed;
  const fragment = unescape(rawFragment, 'fragment');
  if (fragment.error !== undefined) return parseFault(bytes, fragment.error);
  const raw = escape(fragment.value, 'fragment') === rawFragment ? '' : rawFragment;
  return { value: { ...parsed.value, fragment: fragment.value, rawFragment: raw } };
}

/** The URL as text, as URL.String. */
export function formatUrl(url: GoUrl): string {
  let text = url.scheme === '' ? '' : `${url.scheme}:`;
  text += url.opaque === '' ? formatHierarchy(url, text) : url.opaque;
  if (url.forceQuery || url.rawQuery !== '') text += `?${url.rawQuery}`;
  if (url.fragment !== '') text += `#${encoded(url.fragment, url.rawFragment, 'fragment')}`;
  return fromByteText(text);
}

/** The path in encoded form: as it was written if that is a valid encoding of it. */
export function escapedPath({ path, rawPath }: GoUrl): string {
  return path === '*' && rawPath === '' ? '*' : encoded(path, rawPath, 'path');
}

/** Host and port; a port is numeric, or else part of the host. The brackets of IPv6 are left out. */
export function splitHost(url: GoUrl): { hostname: string; port: string } {
  let [hostname, port] = [url.host, ''];
  const colon = hostname.lastIndexOf(':');
  if (colon >= 0 && isOptionalPort(hostname.slice(colon))) {
    [hostname, port] = [hostname.slice(0, colon), hostname.slice(colon + 1)];
  }
  if (hostname.startsWith('[') && hostname.endsWith(']')) hostname = hostname.slice(1, -1);
  return { hostname: fromByteText(hostname), port };
}

/** The parameters of the query in the order of their first mention; what cannot be read is left out. */
export function queryOf(url: GoUrl): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  const parts = url.rawQuery.split('&');
  if (parts.length > MAX_QUERY_PARAMETERS) return parameters;
  for (const part of parts) {
    if (part === '' || part.includes(';')) continue;
    const [key, value = ''] = cut(part, '=').map((side) => side && unescape(side, 'query')) as [Unescaped, Unescaped];
    const [name, content] = [decoded(key), decoded(value)];
    if (name === undefined || content === undefined) continue;
    const values = parameters.get(name);
    if (values) values.push(content);
    else parameters.set(name, [content]);
  }
  return parameters;
}

type Unescaped = Parsed<string> | '';

function decoded(side: Unescaped): string | undefined {
  if (side === '') return '';
  return side.error === undefined ? fromByteText(side.value) : undefined;
}

function parseFault(url: string, error: string): { error: string } {
  return { error: `parse ${quoteByteText(url)}: ${error}` };
}

function parse(url: string, viaRequest: boolean): Parsed<GoUrl> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\x00-\x1f\x7f]/.test(url)) return { error: 'net/url: invalid control character in URL' };
  if (url === '' && viaRequest) return { error: 'empty url' };
  if (url === '*') return { value: { ...EMPTY, path: '*' } };
  const split = splitScheme(url);
  if (split.error !== undefined) return split;
  const scheme = split.value.scheme.toLowerCase();
  const forceQuery = split.value.rest.endsWith('?') && split.value.rest.indexOf('?') === split.value.rest.length - 1;
  const [rest, rawQuery = ''] = cut(split.value.rest, '?');
  const base = { ...EMPTY, scheme, forceQuery, rawQuery };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { value: { ...base, opaque: rest } };
    if (viaRequest) return { error: 'invalid URI for request' };
    if (cut(rest, '/')[0].includes(':')) return { error: 'first path segment in URL cannot contain colon' };
  }
  return parseHierarchy(base, rest, viaRequest);
}

/** What follows the scheme: `//user@host/path`, or a path. */
function parseHierarchy(base: GoUrl, rest: string, viaRequest: boolean): Parsed<GoUrl> {
  const hasAuthority = rest.startsWith('//') && (base.scheme !== '' || (!viaRequest && !rest.startsWith('///')));
  if (!hasAuthority) return withPath({ ...base, omitHost: base.scheme !== '' && rest.startsWith('/') }, rest);
  const slash = rest.indexOf('/', 2);
  const authority = parseAuthority(base.scheme, slash < 0 ? rest.slice(2) : rest.slice(2, slash));
  if (authority.error !== undefined) return authority;
  return withPath({ ...base, ...authority.value }, slash < 0 ? '' : rest.slice(slash));
}

function withPath(base: GoUrl, rawPath: string): Parsed<GoUrl> {
  const path = unescape(rawPath, 'path');
  if (path.error !== undefined) return path;
  const raw = escape(path.value, 'path') === rawPath ? '' : rawPath;
  return { value: { ...base, path: path.value, rawPath: raw } };
}

const EMPTY: GoUrl = {
  scheme: '',
  opaque: '',
  user: undefined,
  host: '',
  path: '',
  rawPath: '',
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
  omitHost: false,
};

function splitScheme(url: string): Parsed<{ scheme: string; rest: string }> {
  if (url.startsWith(':')) return { error: 'missing protocol scheme' };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1];
  return { value: scheme === undefined ? { scheme: '', rest: url } : { scheme, rest: url.slice(scheme.length + 1) } };
}

function parseAuthority(scheme: string, authority: string): Parsed<Pick<GoUrl, 'user' | 'host'>> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (host.error !== undefined) return host;
  if (at < 0) return { value: { user: undefined, host: host.value } };
  const user = parseUser(authority.slice(0, at));
  return user.error === undefined ? { value: { user: user.value, host: host.value } } : user;
}

function parseUser(text: string): Parsed<UserInfo> {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) return { error: 'net/url: invalid userinfo' };
  const [rawName, rawPassword] = cut(text, ':');
  const name = unescape(rawName, 'userPassword');
  if (name.error !== undefined) return name;
  if (rawPassword === undefined) return { value: { name: name.value, password: undefined } };
  const password = unescape(rawPassword, 'userPassword');
  return password.error === undefined ? { value: { name: name.value, password: password.value } } : password;
}

function parseHost(scheme: string, host: string): Parsed<string> {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return { error: 'invalid IP-literal' };
  if (bracket === 0) return parseIpLiteral(host);
  const first = host.indexOf(':');
  if (first >= 0) {
    const strict = scheme === 'http' || scheme === 'https';
    const port = host.slice(strict ? first : host.lastIndexOf(':'));
    if (!isOptionalPort(port)) return { error: `invalid port ${quoteByteText(port)} after host` };
  }
  return unescape(host, 'host');
}

/** `[address%25zone]:port`. */
function parseIpLiteral(host: string): Parsed<string> {
  const close = host.lastIndexOf(']');
  if (close < 0) return { error: `missing ']' in host` };
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) return { error: `invalid port ${quoteByteText(port)} after host` };
  const name = host.slice(1, close);
  const zoneAt = name.indexOf('%25');
  const address = unescape(zoneAt < 0 ? name : name.slice(0, zoneAt), 'host');
  if (address.error !== undefined) return address;
  const zone = unescape(zoneAt < 0 ? '' : name.slice(zoneAt), 'zone');
  if (zone.error !== undefined) return zone;
  const literal = address.value + zone.value;
  const parsed = parseAddress(fromByteText(literal));
  if (parsed.error !== undefined) return { error: `invalid host: ${parsed.error}` };
  if (parsed.value.bytes.length === 4) return { error: 'invalid IP-literal' };
  return { value: `[${literal}]${port}` };
}

function isOptionalPort(text: string): boolean {
  return text === '' || /^:[0-9]*$/.test(text);
}

function formatHierarchy(url: GoUrl, before: string): string {
  const { scheme, user, host } = url;
  let text = '';
  const hidden = url.omitHost && host === '' && user === undefined;
  if ((scheme !== '' || host !== '' || user !== undefined) && !hidden) {
    if (host !== '' || url.path !== '' || user !== undefined) text += '//';
    if (user !== undefined) text += `${formatUser(user)}@`;
    text += escape(host, 'host');
  }
  const path = escapedPath(url);
  if (path !== '' && path[0] !== '/' && host !== '') text += '/';
  if (before + text === '' && cut(path, '/')[0].includes(':')) text += './';
  return text + path;
}

function formatUser({ name, password }: UserInfo): string {
  const shown = escape(name, 'userPassword');
  return password === undefined ? shown : `${shown}:${escape(password, 'userPassword')}`;
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** The part of a URL that is encoded or decoded; each leaves other characters as they are. */
type UrlPart = 'path' | 'host' | 'zone' | 'userPassword' | 'query' | 'fragment';

const HOST = `!"$&'()*+,:;<=>[]`;
const PLAIN: Record<UrlPart, string> = {
  path: '$&+,/:;=@',
  host: HOST,
  zone: HOST,
  userPassword: '$&+,;=',
  query: '',
  fragment: '!()*$&+,/:;=?@',
};

function shouldEscape(char: string, part: UrlPart): boolean {
  return !/[A-Za-z0-9\-_.~]/.test(char) && !PLAIN[part].includes(char);
}

function escape(bytes: string, part: UrlPart): string {
  let out = '';
  for (const char of bytes) {
    if (!shouldEscape(char, part)) out += char;
    else if (char === ' ' && part === 'query') out += '+';
    else out += `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function unescape(bytes: string, part: UrlPart): Parsed<string> {
  const isHost = part === 'host' || part === 'zone';
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const char = bytes[i]!;
    if (char === '%') {
      const code = bytes.slice(i, i + 3);
      if (!/^%[0-9a-fA-F]{2}$/.test(code) || !mayEscape(code, part)) {
        return { error: `invalid URL escape ${quoteByteText(code)}` };
      }
      out += String.fromCharCode(Number.parseInt(code.slice(1), 16));
      i += 2;
    } else if (isHost && char < '\x80' && shouldEscape(char, part)) {
      return { error: `invalid character ${quoteByteText(char)} in host name` };
    } else out += char === '+' && part === 'query' ? ' ' : char;
  }
  return { value: out };
}

/** In a host only bytes beyond ASCII may be escaped, in a zone also a space and what is plain in a host. */
function mayEscape(code: string, part: UrlPart): boolean {
  if (code === '%25') return true;
  const char = String.fromCharCode(Number.parseInt(code.slice(1), 16));
  if (part === 'host') return char >= '\x80';
  return part !== 'zone' || char === ' ' || !shouldEscape(char, 'host');
}

/** `raw` where it is a valid encoding of `value`, or else the encoding of ours. */
function encoded(value: string, raw: string, part: 'path' | 'fragment'): string {
  if (raw !== '' && [...raw].every((char) => `!$&'()*+,;=:@[]%`.includes(char) || !shouldEscape(char, part))) {
    const again = unescape(raw, part);
    if (again.error === undefined && again.value === value) return raw;
  }
  return escape(value, part);
}
