import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { newPrivateKey } from 'nekube/pki';
import { tokenKeysOf } from './keys.ts';
import { type ServiceAccountOptions, ServiceAccountTokens, type TokenRequestSpec } from './tokens.ts';

const START_S = 1_800_000_000;
const key = newPrivateKey();
const account = { metadata: { namespace: 'ns', name: 'bot', uid: 'u1' } } as KubeObject;

/** A cluster of a few objects, by `resource/namespace/name`, and a clock. */
function cluster() {
  const objects = new Map<string, object>([
    ['serviceaccounts/ns/bot', account],
    ['pods/ns/p', { metadata: { uid: 'p1' }, spec: { serviceAccountName: 'bot', nodeName: 'n' } }],
    ['secrets/ns/s', { metadata: { uid: 's1' } }],
    ['nodes//n', { metadata: { uid: 'n1' } }],
  ]);
  const clock = { seconds: START_S };
  const deps = {
    url: () => 'https://here',
    now: () => new Date(clock.seconds * 1000),
    resources: {
      builtin: (_: string, __: string, resource: string) => ({ resource, namespaced: resource !== 'nodes' }),
    },
    store: {
      known: async ({ resource }: { resource: string }, namespace: string, name: string) =>
        objects.get(`${resource}/${namespace}/${name}`),
    },
  };
  const tokens = (options: Partial<ServiceAccountOptions> = {}) =>
    new ServiceAccountTokens({ signingKey: key, ...options }, deps as never);
  return { objects, clock, tokens };
}

const HERE = ['https://here/'];
const bound = (kind: string, name: string): TokenRequestSpec => ({ boundObjectRef: { kind, apiVersion: 'v1', name } });
const nothing = () => {};

type Change = (world: ReturnType<typeof cluster>) => void;
const deleted = (name: string, secondsAgo: number): Change => {
  return ({ objects, clock }) => {
    const { metadata, ...rest } = objects.get(name) as KubeObject;
    const deletionTimestamp = new Date((clock.seconds - secondsAgo) * 1000).toISOString();
    objects.set(name, { ...rest, metadata: { ...metadata, deletionTimestamp } });
  };
};
const gone =
  (name: string): Change =>
  ({ objects }) =>
    void objects.delete(name);
const made =
  (name: string): Change =>
  ({ objects }) =>
    void objects.set(name, { metadata: { uid: 'new' }, spec: {} });
const after =
  (seconds: number): Change =>
  ({ clock }) =>
    void (clock.seconds = START_S + seconds);

const ROWS: readonly (readonly [string, TokenRequestSpec, Change, string | undefined])[] = [
  ['a token holds', {}, nothing, undefined],
  ['a token holds for a minute after its end', {}, after(3660), undefined],
  ['then it has ended', {}, after(3661), 'service account token has expired'],
  ['a token of the next minute holds', {}, after(-60), undefined],
  ['one of later does not', {}, after(-61), 'service account token is not valid yet'],
  [
    'a token for others does not',
    { audiences: ['x'] },
    nothing,
    'token audiences ["x"] is invalid for the target audiences ["https://here/"]',
  ],
  ['a token ends with its account', {}, gone('serviceaccounts/ns/bot'), 'serviceaccounts "bot" not found'],
  [
    '… and is not of another one',
    {},
    made('serviceaccounts/ns/bot'),
    'service account UID (new) does not match claim (u1)',
  ],
  ['an account that is deleted counts for a minute', {}, deleted('serviceaccounts/ns/bot', 59), undefined],
  ['and no longer', {}, deleted('serviceaccounts/ns/bot', 61), 'service account ns/bot has been deleted'],
  ['a token ends with its pod', bound('Pod', 'p'), gone('pods/ns/p'), 'service account token has been invalidated'],
  ['a token of a pod outlives its node', bound('Pod', 'p'), gone('nodes//n'), undefined],
  [
    'a token ends with its secret',
    bound('Secret', 's'),
    gone('secrets/ns/s'),
    'service account token has been invalidated',
  ],
  [
    '… and is not of another one',
    bound('Secret', 's'),
    made('secrets/ns/s'),
    'secret UID (new) does not match service account secret ref claim (s1)',
  ],
  ['a token ends with its node', bound('Node', 'n'), gone('nodes//n'), 'service account token has been invalidated'],
  [
    'a pod that is deleted counts for a minute',
    bound('Pod', 'p'),
    deleted('pods/ns/p', 61),
    'service account token has been invalidated',
  ],
];

describe('a token of a service account', () => {
  for (const [behaviour, spec, change, error] of ROWS) {
    test(behaviour, async () => {
      const world = cluster();
      const tokens = world.tokens();
      const { token } = await tokens.issue(account, spec, nothing);
      change(world);
      const answer = await tokens.authenticate(token, HERE);
      if (error === undefined) assert.ok(answer !== undefined && 'user' in answer, JSON.stringify(answer));
      else assert.deepEqual(answer, { error });
    });
  }

  test('tells its pod and the node of that', async () => {
    const tokens = cluster().tokens();
    const { token, id } = await tokens.issue(account, bound('Pod', 'p'), nothing);
    const answer = await tokens.authenticate(token, HERE);
    const prefix = 'authentication.kubernetes.io';
    assert.deepEqual(answer, {
      audiences: HERE,
      user: {
        name: 'system:serviceaccount:ns:bot',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns'],
        extra: {
          [`${prefix}/credential-id`]: [`JTI=${id}`],
          [`${prefix}/node-name`]: ['n'],
          [`${prefix}/node-uid`]: ['n1'],
          [`${prefix}/pod-name`]: ['p'],
          [`${prefix}/pod-uid`]: ['p1'],
        },
      },
    });
  });

  test('is not one that somebody else has signed, changed, or left unsigned', async () => {
    const world = cluster();
    const tokens = world.tokens();
    const { token } = await tokens.issue(account, {}, nothing);
    const [head = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'system:serviceaccount:ns:root' })).toString(
      'base64url',
    );
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const other = await world.tokens({ signingKey: newPrivateKey() }).issue(account, {}, nothing);
    const wrong = { error: 'go-jose/go-jose: error in cryptographic primitive' };
    assert.deepEqual(await tokens.authenticate(`${head}.${forged}.${signature}`, HERE), wrong);
    assert.deepEqual(await tokens.authenticate(`${none}.${payload}.`, HERE), wrong);
    const unknown = { error: 'invalid signature, no keys found' };
    assert.deepEqual(await tokens.authenticate(other.token, HERE), unknown);
    assert.equal(await tokens.authenticate('a.b.c', HERE), undefined);
    assert.equal(await tokens.authenticate('abc', HERE), undefined);
  });

  test('may be of an RSA key, and of an issuer of before', async () => {
    const world = cluster();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const old = world.tokens({ signingKey: pem, issuers: ['https://old'], audiences: HERE });
    const { token } = await old.issue(account, {}, nothing);
    const options = { keys: tokenKeysOf(pem), issuers: ['https://new', 'https://old'], audiences: HERE };
    const answer = await world.tokens(options).authenticate(token, HERE);
    assert.ok(answer !== undefined && 'user' in answer, JSON.stringify(answer));
    assert.equal(await world.tokens({ issuers: ['https://new'] }).authenticate(token, HERE), undefined);
  });

  test('lives no longer than is allowed, and says so', async () => {
    const warnings: string[] = [];
    const issued = await cluster()
      .tokens({ maxExpirationSeconds: 900 })
      .issue(account, { expirationSeconds: 3600 }, (text) => warnings.push(text));
    assert.equal(issued.expirationSeconds, 900);
    assert.deepEqual(warnings, ['requested expiration of 3600 seconds shortened to 900 seconds']);
  });

  test('of a kubelet lives a year, and tells when it should be read again', async () => {
    const issued = await cluster()
      .tokens()
      .issue(account, { ...bound('Pod', 'p'), expirationSeconds: 3607 }, nothing);
    const claims = JSON.parse(Buffer.from(issued.token.split('.')[1]!, 'base64url').toString());
    assert.equal(claims.exp - claims.iat, 365 * 24 * 60 * 60);
    assert.equal(claims['kubernetes.io'].warnafter - claims.iat, 3607);
    assert.equal(issued.expirationTimestamp, new Date((START_S + 3607) * 1000).toISOString().replace('.000', ''));
  });
});
