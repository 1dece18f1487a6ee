import type { SessionPersistence } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';

/** The endpoint that a request's session has, as `address:port`. */
export function sessionOf({ type, name }: SessionPersistence, headers: HeaderList): string | undefined {
  const value = type === 'Cookie' ? cookieOf(headers.get('cookie'), name) : headers.first(name.toLowerCase());
  if (value === undefined) return undefined;
  const host = Buffer.from(value, 'base64url').toString('latin1');
  return /^[\w.:[\]-]+:\d+$/.test(host) ? host : undefined;
}

/** Tells the client of its session, where it is new. */
export function tellSession(
  { type, name, absoluteTimeoutMs, path }: SessionPersistence,
  host: string,
  known: string | undefined,
  answer: HeaderList,
  secure: boolean,
): void {
  const value = Buffer.from(host, 'latin1').toString('base64url');
  if (type === 'Header') {
    answer.set(name.toLowerCase(), value);
    return;
  }
  if (known === host) return;
  const age = absoluteTimeoutMs === undefined ? '' : `; Max-Age=${Math.ceil(absoluteTimeoutMs / 1000)}`;
  answer.append('set-cookie', `${name}=${value}; Path=${path ?? '/'}${age}; HttpOnly${secure ? '; Secure' : ''}`);
}

/** The value of a cookie. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** Takes a cookie away; the header goes with the last. */
export function deleteCookie(headers: HeaderList, name: string): void {
  const header = headers.get('cookie');
  if (cookieOf(header, name) === undefined) return;
  const others = header!.split(';').filter((part) => nameOf(part) !== name);
  const left = others.map((part) => part.trim()).filter((part) => part !== '');
  if (left.length === 0) headers.delete('cookie');
  else headers.set('cookie', left.join('; '));
}

function nameOf(cookie: string): string {
  return cookie.split('=', 1)[0]!.trim();
}
