import { HttpSyntaxError, type RawRequestHead } from './head-parser.ts';

/** What may stand in an authority (RFC 3986), without user information. */
const AUTHORITY = /^[A-Za-z0-9\-._~!$&'()*+,;=%:[\]]*$/;

/**
 * Where a request of HTTP/1 goes: its target, or its Host. `defaultHost` stands for the Host that HTTP/1.0 need not have.
 *
 * @throws HttpSyntaxError
 */
export function requestTarget(
  { method, target, minor, headers }: RawRequestHead,
  defaultHost: string | undefined,
): { readonly authority: string; readonly path: string } {
  const host = headers.first('host') ?? (minor === 0 ? defaultHost : undefined);
  if (host === undefined) throw new HttpSyntaxError(400, 'a request has no host');
  if (headers.count('host') > 1) throw new HttpSyntaxError(400, 'a request has several hosts');
  if (target.startsWith('/')) return { authority: checked(host), path: target };
  if (method === 'CONNECT') return { authority: checked(target), path: '' };
  if (target === '*' && method === 'OPTIONS') return { authority: checked(host), path: target };
  const absolute = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(target);
  if (absolute === null) throw new HttpSyntaxError(400, 'the target of a request is none');
  const [, authority = '', rest = ''] = absolute;
  return { authority: checked(authority), path: rest.startsWith('/') ? rest : `/${rest}` };
}

function checked(authority: string): string {
  if (!AUTHORITY.test(authority)) throw new HttpSyntaxError(400, 'the host of a request is none');
  return authority;
}
