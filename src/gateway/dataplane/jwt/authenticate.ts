import { queryParamOf } from '../../matching/index.ts';
import type { JwtAuthentication, JwtProvider } from '../../model/index.ts';
import { cookieOf } from '../filters/session.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { keySourceOf } from './key-source.ts';
import { type KeySet, signatureProblem } from './key-set.ts';
import { type Claims, claimOf, claimTexts, readToken } from './token.ts';

/** What of a request tokens are looked for in. */
export interface TokenRequest {
  readonly headers: HeaderList;
  readonly query: string;
}

/** Claims by provider, or why there are none in Envoy's words. */
export type TokenVerdict = { readonly claims: ReadonlyMap<string, Claims> } | { readonly problem: string };

/** No token where one is asked for. */
export const MISSING = 'Jwt is missing';
/** Nobody may whom the token is not meant for: this alone is no question of who it is. */
export const NOT_FOR_US = 'Audiences in Jwt are not allowed';
const UNKNOWN_ISSUER = 'Jwt issuer is not configured';
const NO_KEYS = 'Jwks remote fetch is failed';
const NOT_VERIFIED = 'Jwt verification fails';
/** Clocks may differ by so much. */
const SKEW_S = 60;

const DEFAULT_FROM = { headers: [{ name: 'authorization', prefix: 'Bearer ' }], params: ['access_token'] };

/**
 * Looks for a token that one of the providers has signed, as Envoy with `requires_any`: the first that is good counts, and its
 * claims become headers. What a client says in such headers itself is taken away.
 */
export function authenticate(
  jwt: JwtAuthentication,
  request: TokenRequest,
  plane: PlaneContext,
  done: (verdict: TokenVerdict) => void,
): void {
  for (const { claimToHeaders } of jwt.providers) {
    for (const { header } of claimToHeaders ?? []) request.headers.delete(header.toLowerCase());
  }
  tryProviders(jwt.providers, [], { jwt, request, plane, done });
}

interface Search {
  readonly jwt: JwtAuthentication;
  readonly request: TokenRequest;
  readonly plane: PlaneContext;
  readonly done: (verdict: TokenVerdict) => void;
}

function tryProviders(providers: readonly JwtProvider[], problems: readonly string[], search: Search): void {
  const [provider, ...others] = providers;
  if (provider === undefined) {
    search.done(noneOf(problems, search.jwt.optional === true));
    return;
  }
  const next = (problem: string): void => tryProviders(others, [...problems, problem], search);
  const tokens = tokensIn(provider, search.request);
  if (tokens.length === 0) return next(MISSING);
  keySourceOf(provider.keys).get(search.plane, (keys) => {
    const checked = tokens.map((token) => checkSafely(token, provider, keys, search.plane));
    const bad = checked.find((one) => typeof one === 'string');
    if (bad !== undefined) return next(bad);
    const claims = checked.at(-1) as Claims;
    tellBackend(provider, claims, search.request.headers);
    search.done({ claims: new Map([[provider.name, claims]]) });
  });
}

/** A token that is bad says more than one that is not there. */
function noneOf(problems: readonly string[], optional: boolean): TokenVerdict {
  const wrong = problems.find((one) => one !== MISSING && one !== UNKNOWN_ISSUER);
  if (wrong !== undefined) return { problem: wrong };
  if (optional) return { claims: new Map() };
  return { problem: problems.includes(UNKNOWN_ISSUER) ? UNKNOWN_ISSUER : MISSING };
}

function tokensIn({ from = DEFAULT_FROM }: JwtProvider, { headers, query }: TokenRequest): readonly string[] {
  const places: JwtProvider['from'] = from;
  const found = [
    ...(places?.headers ?? []).map(({ name, prefix }) => afterPrefix(headers.get(name.toLowerCase()), prefix ?? '')),
    ...(places?.params ?? []).map((name) => queryParamOf(query, name)),
    ...(places?.cookies ?? []).map((name) => cookieOf(headers.get('cookie'), name)),
  ];
  return found.filter((one) => one !== undefined && one !== '') as string[];
}

function afterPrefix(value: string | undefined, prefix: string): string | undefined {
  const at = value?.indexOf(prefix) ?? -1;
  if (at === -1) return undefined;
  const rest = value!.slice(at + prefix.length).trim();
  return prefix === '' ? rest : (/^[A-Za-z0-9_.=-]*/.exec(rest)?.[0] ?? '');
}

/** A token with which something goes wrong is none that is believed. */
function checkSafely(
  text: string,
  provider: JwtProvider,
  keys: KeySet | undefined,
  { wallClock, onError }: PlaneContext,
): Claims | string {
  try {
    return check(text, provider, keys, wallClock());
  } catch (error) {
    onError(error);
    return NOT_VERIFIED;
  }
}

/** The claims, or what is wrong. */
function check(text: string, provider: JwtProvider, keys: KeySet | undefined, nowMs: number): Claims | string {
  const token = readToken(text);
  if ('problem' in token) return token.problem;
  const { claims } = token;
  if (provider.issuer && claims['iss'] !== provider.issuer) return UNKNOWN_ISSUER;
  const time = timeProblem(claims, nowMs / 1000);
  if (time !== undefined) return time;
  if (!isForUs(provider.audiences, claims)) return NOT_FOR_US;
  if (keys === undefined) return NO_KEYS;
  return signatureProblem(token, keys) ?? claims;
}

function timeProblem({ exp, nbf }: Claims, now: number): string | undefined {
  if (nbf !== undefined && !(typeof nbf === 'number' && now + SKEW_S >= nbf)) return 'Jwt not yet valid';
  return exp !== undefined && !(typeof exp === 'number' && now <= exp + SKEW_S) ? 'Jwt is expired' : undefined;
}

/** As Envoy, which takes no notice of schemes and last slashes. */
function isForUs(audiences: readonly string[] | undefined, claims: Claims): boolean {
  if (!audiences?.length) return true;
  const plain = (text: string): string => text.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const allowed = new Set(audiences.map(plain));
  return claimTexts(claims, 'aud').some((one) => allowed.has(plain(one)));
}

function tellBackend({ claimToHeaders }: JwtProvider, claims: Claims, headers: HeaderList): void {
  for (const { claim, header } of claimToHeaders ?? []) {
    const value = headerValue(claimOf(claims, claim));
    if (value !== undefined) headers.append(header.toLowerCase(), value);
  }
}

/** Lists and objects are their JSON in base64url; what no header can be is left out. */
function headerValue(claim: unknown): string | undefined {
  if (claim === undefined || claim === null) return undefined;
  if (typeof claim === 'object') return Buffer.from(JSON.stringify(claim)).toString('base64url');
  const text = Buffer.from(String(claim)).toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these would end the header
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(text) ? undefined : text;
}
