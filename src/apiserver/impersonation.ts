import { goQuote, isDns1123Label, isDns1123Subdomain, newBadRequest } from 'nekube/apimachinery';
import { attributesOf, type Authorizer } from './authorization/authorizer.ts';
import { requireAllowed } from './authorization/forbidden.ts';
import type { HttpRequest } from './context.ts';
import type { RequestInfo } from './request-info.ts';
import { ANONYMOUS, authenticated, type UserInfo } from './user.ts';

const HEADER_PREFIX = 'impersonate-';
const EXTRA_PREFIX = 'impersonate-extra-';
const ACCOUNT_PREFIX = 'system:serviceaccount:';
const NODE_PREFIX = 'system:node:';
const UNAUTHENTICATED = 'system:unauthenticated';

/** What the Impersonate headers ask for, as they say it. */
interface Wanted {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/**
 * The user that a request acts as: whoever made it, or the one that its Impersonate headers name, if whoever made it
 * may do the same thing in that one's name (KEP-5284, with what was there before as a last resort).
 *
 * @throws StatusError BadRequest if there is no name in the headers, Forbidden if the user may not impersonate
 */
export async function impersonate(
  request: HttpRequest,
  user: UserInfo,
  info: RequestInfo,
  authorizer: Authorizer,
): Promise<UserInfo> {
  if (!isAsked(request)) return user;
  const wanted = readHeaders(request.rawHeaders);
  if (wanted.name === '') {
    if (wanted.uid === '' && wanted.groups.length === 0 && wanted.extra.size === 0) return user;
    throw newBadRequest(`requested ${asGo(wanted)} without impersonating a user name`);
  }
  await authorizeMode(wanted, user, info, authorizer);
  return resulting(wanted);
}

function isAsked(request: HttpRequest): boolean {
  for (const name in request.headers) if (name.startsWith(HEADER_PREFIX)) return true;
  return false;
}

/** Reads them from the raw headers, where values that come more than once are still apart. */
function readHeaders(raw: readonly string[]): Wanted {
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  const single = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith(EXTRA_PREFIX)) {
      const key = unescapeKey(name.slice(EXTRA_PREFIX.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    } else if (!single.has(name)) single.set(name, value);
  }
  const sorted = [...extra].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: single.get('impersonate-user') ?? '',
    uid: single.get('impersonate-uid') ?? '',
    groups,
    extra: new Map(sorted),
  };
}

/** The key of an extra; what is not escaped well stays as it is. */
function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The wanted user as Go prints it with %#v. */
function asGo({ name, uid, groups, extra }: Wanted): string {
  const list = (texts: readonly string[]) => `[]string{${texts.map(goQuote).join(', ')}}`;
  const pairs = [...extra].map(([key, values]) => `${goQuote(key)}:${list(values)}`);
  const shownGroups = groups.length === 0 ? '[]string(nil)' : list(groups);
  const shownExtra = extra.size === 0 ? '(nil)' : `{${pairs.join(', ')}}`;
  return `&user.DefaultInfo{Name:${goQuote(name)}, UID:${goQuote(uid)}, Groups:${shownGroups}, Extra:map[string][]string${shownExtra}}`;
}

/**
 * Asks whether the user may make this request in the wanted one's name. A node and a service account have a mode of
 * their own when nothing but the name is given; else only the old permission is left for them.
 */
async function authorizeMode(wanted: Wanted, user: UserInfo, info: RequestInfo, authorizer: Authorizer): Promise<void> {
  const ask = (asked: RequestInfo) => requireAllowed(authorizer, attributesOf(user, asked));
  const nameOnly = wanted.uid === '' && wanted.groups.length === 0 && wanted.extra.size === 0;
  const account = accountOf(wanted.name);
  const node = nodeOf(wanted.name);
  if (!nameOnly && (account || node)) {
    const resource = account ? 'serviceaccounts' : 'users';
    const target = { resource, name: account?.name ?? wanted.name, namespace: account?.namespace ?? '' };
    return ask({ ...info, ...target, isResource: true, group: '', subresource: '', verb: 'impersonate' });
  }
  const mode = account ? 'serviceaccount' : node ? 'arbitrary-node' : 'user-info';
  return ask({ ...info, verb: `impersonate-on:${mode}:${info.verb}` });
}

/** The user that the wanted one becomes, with the groups that its name implies. */
function resulting({ name, uid, groups, extra }: Wanted): UserInfo {
  const user: UserInfo = {
    name,
    groups: groups.length > 0 ? groups : impliedGroups(name, uid === '' && extra.size === 0),
    ...(uid !== '' && { uid }),
    ...(extra.size > 0 && { extra: Object.fromEntries(extra) }),
  };
  if (user.groups.includes(UNAUTHENTICATED)) return user;
  return name === ANONYMOUS.name ? { ...user, groups: [...user.groups, UNAUTHENTICATED] } : authenticated(user);
}

function impliedGroups(name: string, nameOnly: boolean): string[] {
  const account = accountOf(name);
  if (account) return ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  return nameOnly && nodeOf(name) !== undefined ? ['system:nodes'] : [];
}

function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace = '', name = '', ...more] = user.slice(ACCOUNT_PREFIX.length).split(':');
  const valid = more.length === 0 && isDns1123Label(namespace).length === 0 && isDns1123Subdomain(name).length === 0;
  return valid ? { namespace, name } : undefined;
}

function nodeOf(user: string): string | undefined {
  const name = user.startsWith(NODE_PREFIX) ? user.slice(NODE_PREFIX.length) : '';
  return name !== '' && isDns1123Subdomain(name).length === 0 ? name : undefined;
}
