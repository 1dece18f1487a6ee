import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError } from 'nekube/apimachinery';
import { alwaysAllow, privilegedGroup } from '../authorization/always.ts';
import type { HttpRequest } from '../context.ts';
import { attributesOf } from '../authorization/authorizer.ts';
import { Impersonator } from './impersonation.ts';
import { parseRequestInfo } from '../request-info.ts';
import { ANONYMOUS, type UserInfo } from '../user.ts';

const admin: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const bob: UserInfo = { name: 'bob', groups: ['devs', 'system:authenticated'] };
const secrets = '/api/v1/secrets';

/** A request with these headers, in the order given. */
function requestWith(...headers: readonly (readonly [string, string])[]): HttpRequest {
  const rawHeaders = headers.flat();
  return {
    rawHeaders,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  } as never;
}

async function act(
  user: UserInfo,
  path: string,
  ...headers: readonly (readonly [string, string])[]
): Promise<UserInfo> {
  const asked = attributesOf(user, parseRequestInfo('GET', path, new URLSearchParams()));
  return (await new Impersonator(privilegedGroup).impersonate(requestWith(...headers), asked))?.user ?? user;
}

const named = (name: string) => ['Impersonate-User', name] as const;
const inGroup = (name: string) => ['Impersonate-Group', name] as const;

describe('who is no master', () => {
  const masters = [named('admin'), inGroup('system:masters')];
  const rows: readonly [string, UserInfo, string, readonly (readonly [string, string])[], string][] = [
    [
      'may not become one',
      bob,
      secrets,
      masters,
      'secrets is forbidden: User "bob" cannot impersonate-on:user-info:list resource "secrets" in API group "" at the cluster scope',
    ],
    [
      'may not without a name of his own either',
      ANONYMOUS,
      secrets,
      masters,
      'secrets is forbidden: User "system:anonymous" cannot impersonate-on:user-info:list resource "secrets" in API group "" at the cluster scope',
    ],
    [
      'may not where everybody may read',
      ANONYMOUS,
      '/version',
      [named('x')],
      'forbidden: User "system:anonymous" cannot impersonate-on:user-info:get path "/version"',
    ],
    [
      'may not become a service account',
      bob,
      secrets,
      [named('system:serviceaccount:default:x')],
      'secrets is forbidden: User "bob" cannot impersonate-on:serviceaccount:list resource "secrets" in API group "" at the cluster scope',
    ],
    [
      'may not become a service account in a group',
      bob,
      secrets,
      [named('system:serviceaccount:default:x'), inGroup('g')],
      'serviceaccounts "x" is forbidden: User "bob" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"',
    ],
    [
      'may not become what looks like a service account',
      bob,
      secrets,
      [named('system:serviceaccount:default:X_')],
      'secrets is forbidden: User "bob" cannot impersonate-on:user-info:list resource "secrets" in API group "" at the cluster scope',
    ],
    [
      'may not become a node',
      bob,
      secrets,
      [named('system:node:foo')],
      'secrets is forbidden: User "bob" cannot impersonate-on:arbitrary-node:list resource "secrets" in API group "" at the cluster scope',
    ],
    [
      'may not become a node in a group',
      bob,
      secrets,
      [named('system:node:foo'), inGroup('system:nodes')],
      'users "system:node:foo" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
  ];
  for (const [behaviour, user, path, headers, message] of rows) {
    test(behaviour, async () => {
      await assert.rejects(
        () => act(user, path, ...headers),
        (thrown) => thrown instanceof StatusError && thrown.status.code === 403 && thrown.message === message,
      );
    });
  }

  test('may where everybody may do everything', async () => {
    const info = parseRequestInfo('GET', secrets, new URLSearchParams());
    const impersonated = await new Impersonator(alwaysAllow).impersonate(
      requestWith(named('x')),
      attributesOf(bob, info),
    );
    assert.equal(impersonated?.user.name, 'x');
  });
});

describe('a master', () => {
  const authenticated = 'system:authenticated';
  const rows: readonly [string, readonly (readonly [string, string])[], UserInfo][] = [
    ['without the headers stays who they are', [['X-Impersonate-User', 'x']], admin],
    ['with an empty name stays who they are', [named('')], admin],
    ['becomes a user', [named('x'), ['Impersonate-Uid', '1']], { name: 'x', groups: [authenticated], uid: '1' }],
    [
      'becomes a member of groups that have commas in their names',
      [named('x'), inGroup('a, b'), inGroup('c')],
      { name: 'x', groups: ['a, b', 'c', authenticated] },
    ],
    [
      'becomes a user without credentials',
      [named('system:anonymous')],
      { name: 'system:anonymous', groups: ['system:unauthenticated'] },
    ],
    [
      'becomes a user who is not authenticated',
      [named('x'), inGroup('system:unauthenticated')],
      { name: 'x', groups: ['system:unauthenticated'] },
    ],
    [
      'becomes a service account with its groups',
      [named('system:serviceaccount:ns:x')],
      {
        name: 'system:serviceaccount:ns:x',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', authenticated],
      },
    ],
    [
      'becomes a node with its group',
      [named('system:node:foo')],
      { name: 'system:node:foo', groups: ['system:nodes', authenticated] },
    ],
    [
      'becomes a user with extras, escaped well or not, each value apart',
      [
        named('x'),
        ['Impersonate-Extra-A', '1'],
        ['Impersonate-Extra-a', '2, 3'],
        ['Impersonate-Extra-a%2fb', '4'],
        ['Impersonate-Extra-a%zz', '5'],
        ['Impersonate-Extra-__proto__', '6'],
      ],
      {
        name: 'x',
        groups: [authenticated],
        extra: Object.fromEntries([
          ['__proto__', ['6']],
          ['a', ['1', '2, 3']],
          ['a%zz', ['5']],
          ['a/b', ['4']],
        ]),
      },
    ],
  ];
  for (const [behaviour, headers, expected] of rows) {
    test(behaviour, async () => assert.deepEqual(await act(admin, secrets, ...headers), expected));
  }

  test('must name the user', async () => {
    const headers = [inGroup('g'), ['Impersonate-Uid', 'a'], ['Impersonate-Extra-Scopes', 'b']] as const;
    await assert.rejects(
      () => act(admin, secrets, ...headers),
      (thrown) =>
        thrown instanceof StatusError &&
        thrown.status.code === 400 &&
        thrown.message ===
          'requested &user.DefaultInfo{Name:"", UID:"a", Groups:[]string{"g"}, Extra:map[string][]string{"scopes":[]string{"b"}}} without impersonating a user name',
    );
  });
});
