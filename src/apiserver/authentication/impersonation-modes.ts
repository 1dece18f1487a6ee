import {
  aggregateErrors,
  goQuote,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  isDomainPrefixedPath,
} from 'nekube/apimachinery';
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts';
import { forbiddenRequest } from '../authorization/forbidden.ts';
import { ANONYMOUS, authenticated, SYSTEM_MASTERS, type UserInfo } from '../user.ts';

/** What the Impersonate headers ask for, as they say it. */
export interface Wanted {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** By key, in the order of the keys. */
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** Whom a request acts as. */
export interface Impersonated {
  readonly user: UserInfo;
  /** The verb that allowed it; empty for the old permission, which is not constrained. */
  readonly constraint: string;
}

/** A way to be allowed: undefined if it is not for such users. @throws StatusError Forbidden */
type Mode = (wanted: Wanted, asked: AuthorizationAttributes) => Promise<Impersonated | undefined>;

/** From so many checks on, one for all is tried first. */
const MANY = 4;
const ACCOUNT_PREFIX = 'system:serviceaccount:';
const NODE_PREFIX = 'system:node:';
const NODES = 'system:nodes';
const UNAUTHENTICATED = 'system:unauthenticated';
const NODE_NAME_EXTRA = 'authentication.kubernetes.io/node-name';
const NODE_KEYS_EXTRA = 'authentication.kubernetes.io/associated-node-keys';

/** The ways in which a user may be allowed to act as another, the most restricted first. */
export function impersonationModes(authorizer: Authorizer): readonly Mode[] {
  return [
    constrained(ofOwnNode(authorizer), 'associated-node', isOwnNode),
    constrained(authorizer, 'arbitrary-node', (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined),
    constrained(authorizer, 'serviceaccount', (wanted) => isNameOnly(wanted) && accountOf(wanted.name) !== undefined),
    constrained(authorizer, 'user-info', ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined),
    (wanted, { user }) => allowedAs(new Checks(authorizer, user, ''), wanted),
  ];
}

/** Needs the right to make this very request in another's name, and then the right to each part of that identity. */
function constrained(
  authorizer: Authorizer,
  mode: string,
  isFor: (wanted: Wanted, requestor: UserInfo) => boolean,
): Mode {
  return async (wanted, asked) => {
    if (!isFor(wanted, asked.user)) return undefined;
    await check(authorizer, { ...asked, verb: `impersonate-on:${mode}:${asked.verb}` });
    return allowedAs(new Checks(authorizer, asked.user, mode), wanted);
  };
}

/** A service account that may act as the node that its pod runs on is allowed so on any node. */
function ofOwnNode(authorizer: Authorizer): Authorizer {
  return {
    authorize(asked) {
      const extra = { [NODE_KEYS_EXTRA]: Object.keys(asked.user.extra ?? {}).sort() };
      return authorizer.authorize({ ...asked, user: { ...asked.user, extra } });
    },
  };
}

function isOwnNode(wanted: Wanted, requestor: UserInfo): boolean {
  const node = nodeOf(wanted.name);
  if (!isNameOnly(wanted) || node === undefined || accountOf(requestor.name) === undefined) return false;
  const names = requestor.extra?.[NODE_NAME_EXTRA] ?? [];
  return names.length === 1 && names[0] === node;
}

function isNameOnly({ uid, groups, extra }: Wanted): boolean {
  return uid === '' && groups.length === 0 && extra.size === 0;
}

/** Checks each part of the wanted identity, and gives the user that it becomes. @throws StatusError Forbidden */
async function allowedAs(checks: Checks, wanted: Wanted): Promise<Impersonated> {
  await checks.name(wanted.name);
  if (wanted.uid !== '') await checks.uid(wanted.uid);
  if (wanted.groups.length > 0) await checks.groups(wanted.groups);
  if (wanted.extra.size > 0) await checks.extra(wanted.extra);
  return { user: resulting(wanted, checks.isConstrained), constraint: checks.constraint };
}

/** Asks for the parts of an identity one by one. */
class Checks {
  readonly #authorizer: Authorizer;
  readonly #requestor: UserInfo;
  readonly #mode: string;

  /** @param mode empty for the old permission */
  constructor(authorizer: Authorizer, requestor: UserInfo, mode: string) {
    this.#authorizer = authorizer;
    this.#requestor = requestor;
    this.#mode = mode;
  }

  get isConstrained(): boolean {
    return this.#mode !== '';
  }

  get constraint(): string {
    return this.isConstrained ? `impersonate:${this.#mode}` : '';
  }

  async name(user: string): Promise<void> {
    const account = accountOf(user);
    const node = this.isConstrained ? nodeOf(user) : undefined;
    const named = this.#attributes('users', user);
    if (account !== undefined) await this.#check({ ...named, ...account, resource: 'serviceaccounts' });
    else if (node === undefined) await this.#check(named);
    // whoever is allowed to be their own node need not name it
    else await this.#check({ ...named, resource: 'nodes', name: this.#mode === 'associated-node' ? '*' : node });
  }

  async uid(uid: string): Promise<void> {
    await this.#check({ ...this.#attributes('uids', uid), ...AUTHENTICATION });
  }

  async groups(groups: readonly string[]): Promise<void> {
    const attributes = this.#attributes('groups', '');
    if (this.isConstrained) {
      if (groups.includes(''))
        throw forbiddenRequest(attributes, 'impersonating the empty string group is not allowed');
      if (groups.includes(SYSTEM_MASTERS))
        throw forbiddenRequest(
          { ...attributes, name: SYSTEM_MASTERS },
          `impersonating the ${SYSTEM_MASTERS} group is not allowed`,
        );
      if (groups.length >= MANY && (await this.#allows({ ...attributes, name: '*' }))) return;
    }
    for (const name of groups) await this.#check({ ...attributes, name });
  }

  async extra(extra: Wanted['extra']): Promise<void> {
    const attributes = { ...this.#attributes('userextras', ''), ...AUTHENTICATION };
    if (this.isConstrained) {
      const problem = problemOf(extra);
      if (problem !== undefined) throw forbiddenRequest(attributes, problem);
      const values = [...extra.values()].reduce((sum, list) => sum + list.length, 0);
      const all = { ...attributes, subresource: '*', name: '*' };
      if ((extra.size >= MANY || values >= MANY) && (await this.#allows(all))) return;
    }
    for (const [subresource, values] of extra)
      for (const name of values) await this.#check({ ...attributes, subresource, name });
  }

  #attributes(resource: string, name: string): AuthorizationAttributes {
    return {
      user: this.#requestor,
      verb: this.isConstrained ? this.constraint : 'impersonate',
      resourceRequest: true,
      path: '',
      namespace: '',
      ...(this.isConstrained ? AUTHENTICATION : { apiGroup: '', apiVersion: 'v1' }),
      resource,
      subresource: '',
      name,
    };
  }

  #check(attributes: AuthorizationAttributes): Promise<void> {
    return check(this.#authorizer, attributes);
  }

  async #allows(attributes: AuthorizationAttributes): Promise<boolean> {
    return (await this.#authorizer.authorize(attributes)).decision === 'allow';
  }
}

const AUTHENTICATION = { apiGroup: 'authentication.k8s.io', apiVersion: 'v1' } as const;

/** @throws StatusError Forbidden, with the error and the reason */
async function check(authorizer: Authorizer, attributes: AuthorizationAttributes): Promise<void> {
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (decision === 'allow') return;
  throw forbiddenRequest(attributes, [error ?? '', reason].filter((text) => text !== '').join(': '));
}

/** What is wrong with extras of a constrained impersonation. */
function problemOf(extra: Wanted['extra']): string | undefined {
  for (const [key, values] of extra) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const errors = isDomainPrefixedPath(key).map(({ value, message }) => invalid('extra.key', value ?? '', message));
    if (errors.length > 0) return `impersonating an invalid key in extra is not allowed: ${aggregateErrors(errors)}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

/** The user that the wanted one becomes, with the groups that its name implies. */
function resulting({ name, uid, groups, extra }: Wanted, isConstrained: boolean): UserInfo {
  const user: UserInfo = {
    name,
    groups: groups.length > 0 ? groups : impliedGroups(name, isConstrained),
    ...(uid !== '' && { uid }),
    ...(extra.size > 0 && { extra: Object.fromEntries(extra) }),
  };
  if (user.groups.includes(UNAUTHENTICATED)) return user;
  return name === ANONYMOUS.name ? { ...user, groups: [...user.groups, UNAUTHENTICATED] } : authenticated(user);
}

function impliedGroups(name: string, isConstrained: boolean): string[] {
  const account = accountOf(name);
  if (account) return ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  return isConstrained && nodeOf(name) !== undefined ? [NODES] : [];
}

/** The service account whose user name it is. */
export function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace = '', name = '', ...more] = user.slice(ACCOUNT_PREFIX.length).split(':');
  const valid = more.length === 0 && isDns1123Label(namespace).length === 0 && isDns1123Subdomain(name).length === 0;
  return valid ? { namespace, name } : undefined;
}

function nodeOf(user: string): string | undefined {
  const name = user.startsWith(NODE_PREFIX) ? user.slice(NODE_PREFIX.length) : '';
  return name !== '' && isDns1123Subdomain(name).length === 0 ? name : undefined;
}
