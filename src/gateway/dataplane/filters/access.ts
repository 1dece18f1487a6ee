import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKeyAuthentication, AuthorizationRule, BasicAuthentication, RouteSettings } from '../../model/index.ts';
import { decodedQueryParam, withoutQueryParam } from '../../matching/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import { offWire, onWire } from '../http/wire-text.ts';
import { type Claims, claimTexts } from '../jwt/token.ts';
import { inNetwork } from './network.ts';
import { cookieOf, deleteCookie } from './session.ts';

type Authorization = NonNullable<RouteSettings['authorization']>;

/** What of a request decides who may. */
export interface AccessRequest {
  readonly method: string;
  readonly query: string;
  readonly headers: HeaderList;
  readonly client: string;
  /** Of tokens that were good, by provider. */
  readonly claims?: ReadonlyMap<string, Claims>;
}

/** Why a request goes no further. */
export interface Denial {
  readonly status: 401 | 403;
  readonly body: string;
  /** For `www-authenticate`. */
  readonly challenge?: string;
}

/** Decides by name and password who may; the backend is told the name, where that is asked for, and never the password. */
export function checkBasicAuth(
  { users, forwardUsernameHeader }: BasicAuthentication,
  { headers }: AccessRequest,
): Denial | undefined {
  const challenge = 'Basic realm="nekube"';
  const given = /^basic\s+([A-Za-z0-9+/=]+)$/i.exec(headers.first('authorization') ?? '')?.[1];
  if (given === undefined) {
    return { status: 401, body: 'User authentication failed. Missing username and password.', challenge };
  }
  const text = Buffer.from(given, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const line = users
    .reveal()
    .split(/\r?\n/)
    .find((one) => colon > 0 && one.startsWith(`${name}:`));
  const hash = `{SHA}${createHash('sha1')
    .update(text.slice(colon + 1))
    .digest('base64')}`;
  if (line === undefined || !same(line.slice(name.length + 1).trim(), hash)) {
    return { status: 401, body: 'User authentication failed. Invalid username/password combination.', challenge };
  }
  headers.delete('authorization');
  if (forwardUsernameHeader !== undefined) headers.set(forwardUsernameHeader.toLowerCase(), onWire(name));
  return undefined;
}

/** Decides by a key who may; the backend is told whose it is, where that is asked for. */
export function checkApiKey(settings: ApiKeyAuthentication, request: AccessRequest): Denial | undefined {
  const given = settings.from.map((place) => keyIn(place, request)).find((key) => key !== undefined && key !== '');
  const client =
    given === undefined
      ? undefined
      : Object.entries(settings.keys).find(([, key]) => same(key.reveal(), offWire(given)))?.[0];
  if (client === undefined) return { status: 401, body: 'Client authentication failed.' };
  if (settings.forwardClientIdHeader !== undefined) {
    request.headers.set(settings.forwardClientIdHeader.toLowerCase(), onWire(client));
  }
  return undefined;
}

/** Takes away what is wherever a key may be, whether or not it is the one that counted. @returns what is left of the query */
export function withoutApiKeys({ from }: ApiKeyAuthentication, { headers, query }: AccessRequest): string {
  let left = query;
  for (const { header, param, cookie } of from) {
    if (header !== undefined) headers.delete(header.toLowerCase());
    else if (param !== undefined) left = withoutQueryParam(left, onWire(param));
    else if (cookie !== undefined) deleteCookie(headers, cookie);
  }
  return left;
}

const BEARER = 'Bearer ';

function keyIn(
  { header, param, cookie }: ApiKeyAuthentication['from'][number],
  { headers, query }: AccessRequest,
): string | undefined {
  if (header !== undefined) {
    const value = headers.first(header.toLowerCase());
    return value?.startsWith(BEARER) ? value.slice(BEARER.length) : value;
  }
  if (param === undefined) return cookieOf(headers.get('cookie'), cookie ?? '');
  return decodedQueryParam(query, onWire(param));
}

/** Decides by rules who may: the first that fits counts. */
export function checkAuthorization(authorization: Authorization, request: AccessRequest): Denial | undefined {
  return allowed(authorization, request) ? undefined : { status: 403, body: 'RBAC: access denied' };
}

function allowed({ rules, defaultAction }: Authorization, request: AccessRequest): boolean {
  const rule = rules.find((one) => fits(one, request));
  return (rule?.action ?? defaultAction) === 'Allow';
}

function fits({ clientCidrs, methods, headers, jwt }: AuthorizationRule, request: AccessRequest): boolean {
  return (
    (jwt === undefined || fitsToken(jwt, request.claims?.get(jwt.provider))) &&
    (clientCidrs === undefined || clientCidrs.some((cidr) => inNetwork(cidr, request.client))) &&
    (methods === undefined || methods.includes(request.method)) &&
    (headers ?? []).every(({ name, values }) => values.includes(offWire(request.headers.get(name.toLowerCase()) ?? '')))
  );
}

/** All scopes, and of each claim any value. */
function fitsToken({ scopes, claims }: NonNullable<AuthorizationRule['jwt']>, token: Claims | undefined): boolean {
  if (token === undefined) return false;
  const has = claimTexts(token, 'scope');
  return (
    (scopes ?? []).every((scope) => has.includes(scope)) &&
    (claims ?? []).every(({ name, values }) => claimTexts(token, name).some((one) => values.includes(one)))
  );
}

/** Takes as long for texts that differ early as for those that differ late. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
