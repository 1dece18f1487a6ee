import { createHash, timingSafeEqual } from 'node:crypto';
import { newUnauthorized } from 'nekube/apimachinery';
import type { Awaitable } from 'nekube/storage';
import { aggregate } from '../authorization/union.ts';
import { type ClientCertificates, connectionOf } from './client-certificates.ts';
import { header, type HttpRequest, type RequestContext, warn } from '../context.ts';
import { ANONYMOUS, authenticated, type UserInfo } from '../user.ts';

/** A static token and whose it is. */
export interface StaticToken {
  readonly token: string;
  readonly user: UserInfo;
}

/** What is found out of a token: whose it is and whom it is for, or why it does not hold; undefined if nothing is. */
export type TokenAnswer =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly error: string }
  | undefined;

/**
 * Finds out whose a bearer token is.
 *
 * @param audiences whom it should be for
 * @param connection stands for the one that it came over
 */
export type TokenAuthenticator = (
  token: string,
  audiences: readonly string[],
  connection: object,
) => Awaitable<TokenAnswer>;

/**
 * Static tokens, compared in constant time, once a connection: one that gave a token before may know it. They are for
 * whom this server is for.
 */
export function staticTokens(tokens: readonly StaticToken[], served: () => readonly string[]): TokenAuthenticator {
  const digest = (token: string) => createHash('sha256').update(token).digest();
  const known = tokens.map(({ token, user }) => ({ hash: digest(token), user }));
  const given = new WeakMap<object, { readonly token: string; readonly user: UserInfo }>();
  const find = (token: string, connection: object): UserInfo | undefined => {
    const before = given.get(connection);
    if (before?.token === token) return before.user;
    const hash = digest(token);
    const found = known.find((candidate) => timingSafeEqual(candidate.hash, hash))?.user;
    const user = found && authenticated(found);
    if (user !== undefined) given.set(connection, { token, user });
    return user;
  };
  return (token, audiences, connection) => {
    const meant = served().filter((audience) => audiences.includes(audience));
    const user = meant.length > 0 ? find(token, connection) : undefined;
    return user && { user, audiences: meant };
  };
}

/** Asks one authenticator after the other; if none knows the token, all of their errors are told. */
export function anyOf(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return (token, audiences, connection) => {
    const errors: string[] = [];
    const askFrom = (from: number): Awaitable<TokenAnswer> => {
      for (let i = from; i < authenticators.length; i++) {
        const answer = authenticators[i]!(token, audiences, connection);
        if (answer instanceof Promise) return answer.then((late) => found(late, errors) ?? askFrom(i + 1));
        const known = found(answer, errors);
        if (known !== undefined) return known;
      }
      return errors.length > 0 ? { error: aggregate(errors) } : undefined;
    };
    return askFrom(0);
  };
}

/** The user with the groups of all users; an error is noted, and no answer. */
function found(answer: TokenAnswer, errors: string[]): TokenAnswer {
  if (answer === undefined) return undefined;
  if ('user' in answer) return { user: authenticated(answer.user), audiences: answer.audiences };
  errors.push(answer.error);
  return undefined;
}

/** How a server finds out who makes a request. */
export interface Authentication {
  readonly tokens: TokenAuthenticator;
  /** Whom tokens must be for. */
  readonly audiences: () => readonly string[];
  readonly certificates: ClientCertificates;
  /** Whether requests without credentials are those of `system:anonymous`. */
  readonly anonymous: boolean;
}

/**
 * Who makes a request: whom a front proxy names, else whom its client certificate does, else its bearer token; without
 * any of these nobody (`system:anonymous`).
 *
 * @throws StatusError Unauthorized for credentials that do not hold, unless others do
 */
export function authenticate(
  context: Pick<RequestContext, 'request' | 'warnings'>,
  { tokens, audiences, certificates, anonymous }: Authentication,
): Awaitable<UserInfo> {
  const { request } = context;
  const certified = certificates.identify(request);
  if (certified !== undefined && certified !== 'invalid') return certified;
  const token = bearerToken(request, (text) => warn(context as RequestContext, text));
  if (token !== undefined) {
    const answer = tokens(token, audiences(), connectionOf(request));
    return answer instanceof Promise ? answer.then(userOf) : userOf(answer);
  }
  if (certified === 'invalid' || !anonymous) throw newUnauthorized();
  return ANONYMOUS;
}

function userOf(answer: TokenAnswer): UserInfo {
  if (answer === undefined || !('user' in answer)) throw newUnauthorized();
  return answer.user;
}

const EXTRA_SPACE = 'the provided Authorization header contains extra space before the bearer token, and is ignored';

/** The word after `Bearer`; what follows it is not looked at. */
function bearerToken(request: HttpRequest, warning: (text: string) => void): string | undefined {
  const [scheme, token, ...more] = (header(request, 'authorization') ?? '').trim().split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) return undefined;
  if (token !== '') return token;
  if (more.length > 0) warning(EXTRA_SPACE);
  return undefined;
}
