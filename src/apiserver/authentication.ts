import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { newBadRequest, newUnauthorized } from 'nekube/apimachinery';
import { header, type HttpRequest } from './context.ts';
import { parseClientCertificate } from './pki/client-subject.ts';
import { ANONYMOUS, authenticated, type UserInfo } from './user.ts';

/** A static token and whose it is. */
export interface StaticToken {
  readonly token: string;
  readonly user: UserInfo;
}

/** Finds out whose a bearer token is; undefined if it does not know it. `connection` stands for the one it came over. */
export type TokenAuthenticator = (token: string, connection: object) => Promise<UserInfo | undefined>;

/** Static tokens, compared in constant time, once a connection: one that gave a token before may know it. */
export function staticTokens(tokens: readonly StaticToken[]): TokenAuthenticator {
  const digest = (token: string) => createHash('sha256').update(token).digest();
  const known = tokens.map(({ token, user }) => ({ hash: digest(token), user }));
  const given = new WeakMap<object, StaticToken>();
  return async (token, connection) => {
    const before = given.get(connection);
    if (before?.token === token) return before.user;
    const hash = digest(token);
    const user = known.find((candidate) => timingSafeEqual(candidate.hash, hash))?.user;
    if (user !== undefined) given.set(connection, { token, user });
    return user;
  };
}

/**
 * Who makes a request: by its bearer token, else its client certificate, else nobody (`system:anonymous`).
 *
 * @throws StatusError Unauthorized for a token that nobody knows
 */
export async function authenticate(request: HttpRequest, tokens: readonly TokenAuthenticator[]): Promise<UserInfo> {
  const byCertificate = certificateUser(request);
  if (byCertificate !== undefined) return byCertificate;
  const token = bearerToken(request);
  if (token === undefined) return ANONYMOUS;
  for (const find of tokens) {
    const user = await find(token, connectionOf(request));
    if (user !== undefined) return authenticated(user);
  }
  throw newUnauthorized();
}

function bearerToken(request: HttpRequest): string | undefined {
  const [scheme, ...rest] = (header(request, 'authorization') ?? '').trim().split(' ');
  const token = rest.join(' ').trim();
  return scheme?.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** The session of HTTP/2, or the socket. */
function connectionOf(request: HttpRequest): object {
  return ('stream' in request && request.stream?.session) || request.socket;
}

/** The user of each connection is found once. */
const certificateUsers = new WeakMap<object, { readonly user: UserInfo | undefined }>();

function certificateUser(request: HttpRequest): UserInfo | undefined {
  const key = connectionOf(request);
  let known = certificateUsers.get(key);
  if (known === undefined) {
    const socket = ('stream' in request && request.stream?.session?.socket) || request.socket;
    known = { user: readCertificate(socket as TLSSocket) };
    certificateUsers.set(key, known);
  }
  return known.user;
}

function readCertificate(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate?.();
  const identity = certificate && parseClientCertificate(certificate.raw);
  return identity && authenticated({ name: identity.user, groups: identity.groups });
}

/**
 * Acts as another user where the request says so (Impersonate-User and its companions).
 *
 * @throws StatusError BadRequest if there are companions without a user
 */
export function impersonate(request: HttpRequest, user: UserInfo): UserInfo {
  const name = header(request, 'impersonate-user');
  const groups = listHeader(request, 'impersonate-group');
  const uid = header(request, 'impersonate-uid');
  const extra = impersonatedExtra(request);
  if (name === undefined || name === '') {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user;
    throw newBadRequest(`requested ${JSON.stringify({ groups, uid, extra })} without impersonating a user name`);
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const implied =
    groups.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : groups;
  const whole: UserInfo = {
    name,
    groups: implied,
    ...(uid && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  return name === ANONYMOUS.name ? { ...whole, groups: [...implied, 'system:unauthenticated'] } : authenticated(whole);
}

function listHeader(request: HttpRequest, name: string): string[] {
  const value = request.headers[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : value.split(', ');
}

function impersonatedExtra(request: HttpRequest): Record<string, string[]> {
  const prefix = 'impersonate-extra-';
  const extra: Record<string, string[]> = {};
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith(prefix)) extra[decodeURIComponent(name.slice(prefix.length))] = listHeader(request, name);
  }
  return extra;
}
