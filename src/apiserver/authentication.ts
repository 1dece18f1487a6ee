import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { newUnauthorized } from 'nekube/apimachinery';
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
