import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import type { JwtAuthentication, RouteSettings } from '../../model/index.ts';
import { routeTo } from '../testing/models.ts';
import { type Answer, ask, startBackend, startWorld } from '../testing/world.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { keySourceOf } from './key-source.ts';
import { readKeySet, signatureProblem } from './key-set.ts';
import { readToken, type Token } from './token.ts';

const NOW_S = Math.floor(Date.now() / 1000);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const JWKS = JSON.stringify({ keys: [jwkOf(ec.publicKey, { kid: 'one', alg: 'ES256' })] });

function jwkOf(key: KeyObject, more: Record<string, string> = {}): object {
  return { ...key.export({ format: 'jwk' }), ...more };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function tokenOf(claims: object, header: object = { alg: 'ES256', kid: 'one' }): string {
  return signed(header, claims, (data) => sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }));
}

function signed(header: object, claims: object, by: (data: Buffer) => Buffer): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${by(Buffer.from(text)).toString('base64url')}`;
}

test('signatures of every algorithm are verified, and by keys of their own type alone', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const ed = generateKeyPairSync('ed25519');
  const pairs = { RS: rsa, PS: rsa, ES256: ec, ES384: p384, ES512: p521, EdDSA: ed } as const;
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  for (const alg of algorithms) {
    const { privateKey: key, publicKey } = pairs[(alg in pairs ? alg : alg.slice(0, 2)) as keyof typeof pairs];
    const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
    const pss = alg.startsWith('PS') ? { padding, saltLength } : {};
    const text = signed({ alg }, { sub: 'me' }, (data) => sign(hash, data, { key, dsaEncoding: 'ieee-p1363', ...pss }));
    const token = readToken(text) as Token;
    const keys = (from: KeyObject) => readKeySet(JSON.stringify({ keys: [jwkOf(from)] }))!;
    assert.equal(signatureProblem(token, keys(publicKey)), undefined, alg);
    const other = publicKey === ec.publicKey ? ed.publicKey : ec.publicKey;
    assert.equal(signatureProblem(token, keys(other)), 'Jwt verification fails', alg);
    const changed = { ...token, signed: Buffer.from('other') };
    assert.equal(signatureProblem(changed, keys(publicKey)), 'Jwt verification fails', alg);
  }
});

test('a token is refused in the words of Envoy, and never said', async (t) => {
  const backend = await startBackend(t, 'a');
  const jwt: JwtAuthentication = {
    providers: [{ name: 'p', issuer: 'us', audiences: ['shop'], keys: { type: 'Local', jwks: JWKS } }],
  };
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { settings: { jwt } })],
    backends: [{ name: 'a', ports: [backend] }],
  });
  const good = { iss: 'us', aud: 'shop', exp: NOW_S + 600 };
  const cases: readonly (readonly [string | undefined, number, string])[] = [
    [undefined, 401, 'Jwt is missing'],
    ['Basic abc', 401, 'Jwt is missing'],
    ['Bearer a.b', 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
    ['Bearer e30.e30.e30', 401, 'Jwt header [alg] field is required and must be a string'],
    [`Bearer ${tokenOf({ ...good, iss: 'them' })}`, 401, 'Jwt issuer is not configured'],
    [`Bearer ${tokenOf({ ...good, exp: NOW_S - 600 })}`, 401, 'Jwt is expired'],
    [`Bearer ${tokenOf({ ...good, nbf: NOW_S + 600 })}`, 401, 'Jwt not yet valid'],
    [`Bearer ${tokenOf({ ...good, aud: ['other'] })}`, 403, 'Audiences in Jwt are not allowed'],
    [
      `Bearer ${tokenOf(good, { alg: 'ES256', kid: 'two' })}`,
      401,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [`Bearer ${tokenOf(good, { alg: 'none' })}`, 401, 'Jwt header [alg] is not supported'],
    [`Bearer ${tokenOf(good)}x`, 401, 'Jwt verification fails'],
  ];
  for (const [authorization, status, body] of cases) {
    const answer = await ask(port, '/x', { headers: authorization === undefined ? {} : { authorization } });
    assert.deepEqual([answer.status, answer.body], [status, body]);
    const challenge = answer.headers['www-authenticate'] ?? '';
    assert.equal(challenge.includes('invalid_token'), body !== 'Jwt is missing');
  }
  const passed = await ask(port, '/x', { headers: { authorization: `Bearer ${tokenOf(good)}` } });
  assert.equal(passed.status, 200);
  assert.equal((await ask(port, `/x?access_token=${tokenOf(good)}`)).status, 200);
});

test('claims become headers and decide who may; a client cannot say them itself', async (t) => {
  const backend = await startBackend(t, 'a');
  const settings: RouteSettings = {
    jwt: {
      optional: true,
      providers: [
        {
          name: 'p',
          keys: { type: 'Local', jwks: JWKS },
          from: { headers: [{ name: 'X-Token', prefix: 'T ' }], cookies: ['token'], params: ['t'] },
          claimToHeaders: [
            { claim: 'sub', header: 'X-Sub' },
            { claim: 'a.b', header: 'x-nested' },
            { claim: 'list', header: 'x-list' },
            { claim: 'evil', header: 'x-evil' },
          ],
        },
      ],
    },
    authorization: {
      rules: [
        {
          name: 'r',
          action: 'Allow',
          jwt: { provider: 'p', scopes: ['read'], claims: [{ name: 'a.role', values: ['x', 'admin'] }] },
        },
      ],
      defaultAction: 'Deny',
    },
  };
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { settings })],
    backends: [{ name: 'a', ports: [backend] }],
  });
  const claims = { sub: 'é', a: { b: 7, role: ['admin'] }, list: [1], evil: 'a\r\nb: c', scope: 'write read' };
  const token = tokenOf(claims);
  const ways: readonly Promise<Answer>[] = [
    ask(port, '/', { headers: { 'x-token': `T ${token}`, 'x-sub': 'root', 'x-evil': 'mine' } }),
    ask(port, '/', { headers: { cookie: `a=b; token=${token}` } }),
    ask(port, `/?t=${token}`),
  ];
  for (const { status, echo } of await Promise.all(ways)) {
    assert.equal(status, 200);
    assert.equal(Buffer.from(String(echo.headers['x-sub']), 'latin1').toString('utf8'), 'é');
    assert.equal(echo.headers['x-nested'], '7');
    assert.equal(Buffer.from(String(echo.headers['x-list']), 'base64url').toString(), '[1]');
    assert.equal(echo.headers['x-evil'], undefined);
  }
  const refused = async (given: object) => (await ask(port, `/?t=${tokenOf(given)}`)).status;
  assert.equal(await refused({ ...claims, scope: 'write' }), 403);
  assert.equal(await refused({ ...claims, a: { role: 'user' } }), 403);
  assert.equal((await ask(port, '/')).status, 403);
});

test('remote keys are fetched once for all who wait; without them nobody is let in', async (t) => {
  const backend = await startBackend(t, 'a');
  let fetches = 0;
  const keys = await startBackend(t, 'keys', (request, response) => {
    if (request.url === '/jwks?v=1') fetches++;
    response.end(JWKS);
  });
  const settings = (name: string): RouteSettings => ({
    jwt: { providers: [{ name: 'p', keys: { type: 'Remote', uri: 'http://keys.test/jwks?v=1', backend: name } }] },
  });
  const { port } = await startWorld(t, {
    routes: [
      routeTo('a', { prefix: '/good', settings: settings('keys') }),
      routeTo('a', { prefix: '/nowhere', settings: settings('nowhere') }),
    ],
    backends: [
      { name: 'a', ports: [backend] },
      { name: 'keys', ports: [keys] },
      { name: 'nowhere', ports: [] },
    ],
  });
  const headers = { authorization: `Bearer ${tokenOf({})}` };
  const answers = await Promise.all([1, 2, 3].map(() => ask(port, '/good', { headers })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(fetches, 1);
  const none = await ask(port, '/nowhere', { headers });
  assert.deepEqual([none.status, none.body], [401, 'Jwks remote fetch is failed']);
});

test('who waits for keys gets them, whatever another does with them', () => {
  const errors: unknown[] = [];
  let unreached = (): void => {};
  const host = { acquire: (acquired: () => void) => ((unreached = acquired), () => {}) };
  const clusters = new Map([['keys', { choose: () => host }]]);
  const plane = { sweeper: { now: 0 }, clusters, onError: (error: unknown) => errors.push(error) };
  const source = keySourceOf({ type: 'Remote', uri: 'http://keys.example/', backend: 'keys' });
  const told: string[] = [];
  source.get(plane as unknown as PlaneContext, () => {
    told.push('first');
    throw new Error('it is of no use');
  });
  source.get(plane as unknown as PlaneContext, (keys) => told.push(`second: ${keys}`));
  unreached();
  assert.deepEqual([told, errors.length], [['first', 'second: undefined'], 1]);
});

test('keys of what is no URL are none, again and again', () => {
  const plane = { sweeper: { now: 0 }, clusters: new Map([['keys', {}]]) } as unknown as PlaneContext;
  const source = keySourceOf({ type: 'Remote', uri: 'no URL', backend: 'keys' });
  const told: unknown[] = [];
  source.get(plane, (keys) => told.push(keys));
  source.get(plane, (keys) => told.push(keys));
  assert.deepEqual(told, [undefined, undefined]);
});
