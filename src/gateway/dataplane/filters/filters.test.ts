import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorsFilter, WeightedBackend } from '../../model/index.ts';
import { PrivateText } from '../../model/private-text.ts';
import { HeaderList } from '../http/header-list.ts';
import { SOURCE } from '../testing/models.ts';
import { type AccessRequest, checkApiKey, checkAuthorization, checkBasicAuth, withoutApiKeys } from './access.ts';
import { corsVerdict } from './cors.ts';
import { markForwarded } from './forwarded.ts';
import { changeHeaders } from './header-change.ts';
import { normalizePath } from '../../matching/index.ts';
import { RateCounter } from './rate-limit.ts';
import { sessionOf, tellSession } from './session.ts';
import { FractionSpread, WeightedSpread } from './spread.ts';

const list = (object: Record<string, string>): HeaderList => new HeaderList(Object.entries(object).flat());

const paths: readonly (readonly [string, string])[] = [
  ['/a/b?c=d', '/a/b ? c=d'],
  ['/', '/ ? '],
  ['/a/./b/../c', '/a/c ? '],
  ['/a/..', '/ ? '],
  ['/a/.', '/a/ ? '],
  ['/a/%2e%2E/b', '/b ? '],
  ['/a//b///c/', '/a/b/c/ ? '],
  ['/a\\b', '/a/b ? '],
  ['/a?x=/../y', '/a ? x=/../y'],
  ['/..', '/ ? '],
  ['/a/../../b', '/b ? '],
  ['/a//../b', '/a/b ? '],
  ['/\xc3\xa9', 'bad'],
  ['/a?\xff', 'bad'],
  ['/a#b', 'bad'],
  ['/a?b#c', 'bad'],
  ['/a%00b', 'bad'],
  ['/%61dmin/%5A%7e%2D%30%5f', '/admin/Z~-0_ ? '],
  ['/%2561dmin%zz%4', '/%2561dmin%zz%4 ? '],
  ['/a"<b>^{c|d}', '/a%22%3Cb%3E%5E%7Bc%7Cd%7D ? '],
  ['/a%2Fb?c', '→ /a/b?c'],
  ['/a%5c..%2fb', '→ /b'],
  ['/a%20b.c', '/a%20b.c ? '],
];
for (const [target, expected] of paths) {
  test(`the path ${target} is ${expected}`, () => {
    const normal = normalizePath(target, undefined);
    const said = { path: () => '', redirect: () => '', bad: () => 'bad' }[normal.type]();
    const shown = normal.type === 'path' ? `${normal.path} ? ${normal.query}` : said;
    assert.equal(normal.type === 'redirect' ? `→ ${normal.location}` : shown, expected);
  });
}

test('slashes that are escaped are kept, refused or unescaped, as settings say', () => {
  const escaped = (escapedSlashes: 'Keep' | 'Reject' | 'UnescapeAndForward') =>
    normalizePath('/a%2fb', { escapedSlashes });
  assert.deepEqual(escaped('Keep'), { type: 'path', path: '/a%2fb', query: '' });
  assert.deepEqual(escaped('Reject'), { type: 'bad' });
  assert.deepEqual(escaped('UnescapeAndForward'), { type: 'path', path: '/a/b', query: '' });
  const location = '/.//evil.example';
  assert.deepEqual(normalizePath('/%2fevil.example', { mergeSlashes: false }), { type: 'redirect', location });
  assert.deepEqual(normalizePath('/a//b', { mergeSlashes: false }), { type: 'path', path: '/a//b', query: '' });
});

test('headers are removed, then set, then added, whatever case their names have', () => {
  const headers = list({ 'x-one': '1', 'x-two': '2', 'x-three': '3' });
  changeHeaders(headers, {
    remove: ['X-One'],
    set: [{ name: 'X-Two', value: 'b' }],
    add: [
      { name: 'X-Three', value: 'c' },
      { name: 'x-one', value: 'a' },
    ],
  });
  assert.deepEqual(headers.flat, ['x-two', 'b', 'x-three', '3', 'x-three', 'c', 'x-one', 'a']);
});

const cors: CorsFilter = {
  allowOrigins: ['https://www.foo.com', 'https://*.bar.com'],
  allowMethods: ['GET'],
  allowHeaders: ['x-a', 'x-b'],
  exposeHeaders: ['x-c'],
  maxAgeSeconds: 5,
};
const preflight = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-z' };
const origins: readonly (readonly [string, Partial<CorsFilter>, string, string | undefined])[] = [
  ['an exact origin', {}, 'https://www.foo.com', 'https://www.foo.com'],
  ['an origin below a wildcard', {}, 'https://a.b.bar.com', 'https://a.b.bar.com'],
  ['the domain of a wildcard itself', {}, 'https://bar.com', undefined],
  ['an origin with more before it', {}, 'https://evil.com/x.bar.com', undefined],
  ['another scheme', {}, 'http://www.foo.com', undefined],
  ['another port', {}, 'https://www.foo.com:444', undefined],
  ['any origin', { allowOrigins: ['*'] }, 'http://x:1', 'http://x:1'],
  ['an origin in other letters', {}, 'https://WWW.foo.com', undefined],
  ['any label', {}, 'https://a_b.bar.com', 'https://a_b.bar.com'],
  ['any port', { allowOrigins: ['http://x:*'] }, 'http://x:81', 'http://x:81'],
];
for (const [name, parts, origin, allowed] of origins) {
  test(`CORS allows ${name}: ${allowed !== undefined}`, () => {
    const verdict = corsVerdict({ ...cors, ...parts }, 'GET', list({ origin }));
    const at = verdict?.headers.indexOf('access-control-allow-origin') ?? -1;
    assert.equal(at === -1 ? undefined : verdict?.headers[at + 1], allowed);
    assert.equal(verdict?.preflight, false);
  });
}

test('a preflight is told what is allowed; a star is what was asked for', () => {
  const ask = (parts: Partial<CorsFilter>, origin = 'https://www.foo.com', more: object = preflight) => {
    const verdict = corsVerdict({ ...cors, ...parts }, 'OPTIONS', list({ origin, ...more }));
    return new HeaderList([...verdict!.headers]);
  };
  const plain = ask({});
  assert.equal(plain.get('access-control-allow-methods'), 'GET');
  assert.equal(plain.get('access-control-allow-headers'), 'x-a, x-b');
  assert.equal(plain.get('access-control-max-age'), '5');
  assert.equal(plain.has('access-control-allow-credentials'), false);
  const stars = { allowMethods: ['GET', '*'], allowHeaders: ['*'], allowCredentials: true };
  assert.equal(ask(stars).get('access-control-allow-methods'), 'PUT');
  assert.equal(ask(stars).get('access-control-allow-headers'), 'x-z');
  assert.equal(ask(stars).get('access-control-allow-credentials'), 'true');
  const noHeaders = ask(stars, undefined, { 'access-control-request-method': 'PUT' });
  assert.equal(noHeaders.has('access-control-allow-headers'), false);
  assert.equal(ask({}, 'https://other.example').has('access-control-allow-origin'), false);
  assert.equal(corsVerdict(cors, 'OPTIONS', list(preflight)), undefined);
});

test('weights are kept exactly, and evenly', () => {
  const choice = (weight: number, invalid: string): WeightedBackend => ({ weight, invalid, source: SOURCE });
  const spread = new WeightedSpread([choice(5, 'a'), choice(0, 'never'), choice(1, 'b'), choice(2, 'c')]);
  const chosen = Array.from({ length: 16 }, () => spread.next()?.invalid).join('');
  assert.equal(chosen, 'acaabacaacaabaca');
  assert.equal(new WeightedSpread([choice(0, 'a')]).next(), undefined);
});

test('a fraction is taken exactly', () => {
  const spread = new FractionSpread({ numerator: 3, denominator: 10 });
  assert.equal(Array.from({ length: 100 }, () => spread.take()).filter(Boolean).length, 30);
});

test('who connected is added to X-Forwarded-For, and who the client is follows from what is trusted', () => {
  const mark = (before: Record<string, string>, setting: Parameters<typeof markForwarded>[2]) => {
    const headers = list(before);
    const client = markForwarded(headers, { peer: '10.0.0.9', scheme: 'http' }, setting);
    return [client, headers.get('x-forwarded-for'), headers.get('x-forwarded-proto')];
  };
  const claims = { 'x-forwarded-for': '1.1.1.1, 2.2.2.2', 'x-forwarded-proto': 'https' };
  const chain = '1.1.1.1, 2.2.2.2,10.0.0.9';
  assert.deepEqual(mark({}, undefined), ['10.0.0.9', '10.0.0.9', 'http']);
  assert.deepEqual(mark(claims, undefined), ['10.0.0.9', chain, 'http']);
  assert.deepEqual(mark(claims, { trustedHops: 1 }), ['2.2.2.2', chain, 'https']);
  assert.deepEqual(mark(claims, { trustedHops: 2 }), ['1.1.1.1', chain, 'https']);
  assert.equal(mark({ 'x-real-ip': '3.3.3.3' }, { header: 'X-Real-IP', required: true })[0], '3.3.3.3');
  assert.equal(mark({}, { header: 'x-real-ip', required: true })[0], undefined);
  assert.equal(mark({}, { header: 'x-real-ip', required: false })[0], '10.0.0.9');
  assert.equal(mark({ 'x-real-ip': 'unknown' }, { header: 'x-real-ip', required: true })[0], undefined);
  assert.equal(mark({ 'x-forwarded-for': '1.1.1.1, _hidden' }, { trustedHops: 1 })[0], '10.0.0.9');
});

test('what only a proxy may say is not taken from a client', () => {
  const headers = list({ 'x-envoy-original-path': '/other', 'x-envoy-retry-on': '5xx', 'x-envoy-attempt-count': '1' });
  markForwarded(headers, { peer: '10.0.0.9', scheme: 'http' }, undefined);
  assert.deepEqual(
    headers.flat.filter((one) => one.startsWith('x-envoy')),
    ['x-envoy-attempt-count'],
  );
});

test('a session is told once by a cookie, and found again', () => {
  const persistence = { type: 'Cookie', name: 'sid', absoluteTimeoutMs: 1500, path: '/shop' } as const;
  const answer = new HeaderList();
  tellSession(persistence, '10.0.0.1:80', undefined, answer, true);
  const cookie = answer.get('set-cookie')!;
  assert.match(cookie, /^sid=[\w-]+; Path=\/shop; Max-Age=2; HttpOnly; Secure$/);
  const known = sessionOf(persistence, list({ cookie: `a=b; ${cookie.split(';')[0]}` }));
  assert.equal(known, '10.0.0.1:80');
  const again = new HeaderList();
  tellSession(persistence, '10.0.0.1:80', known, again, true);
  assert.deepEqual(again.flat, []);
  assert.equal(sessionOf(persistence, list({ cookie: 'sid=nonsense' })), undefined);
});

test('a rate is counted for each distinct client, and begins anew with each period', () => {
  const counter = new RateCounter({ requests: 2, per: 'Second', headers: [{ type: 'Distinct', name: 'x-user' }] });
  const allows = (user: string, now: number): boolean => counter.allows(list({ 'x-user': user }), '10.0.0.1', now);
  assert.deepEqual([allows('a', 0), allows('a', 1), allows('a', 2), allows('b', 2)], [true, true, false, true]);
  assert.deepEqual([allows('a', 999), allows('a', 1000)], [false, true]);
  assert.equal(counter.allows(list({}), '10.0.0.1', 0), true);
  const network = new RateCounter({ requests: 1, per: 'Day', clientCidr: { cidr: '10.0.0.0/8', distinct: true } });
  const from = (client: string): boolean => network.allows(list({}), client, 0);
  assert.deepEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2', '11.0.0.1', '11.0.0.1'].map(from), [
    true,
    false,
    true,
    true,
    true,
  ]);
});

test('who asks again is not forgotten, however many others ask in between', () => {
  const counter = new RateCounter({ requests: 1, per: 'Day', headers: [{ type: 'Distinct', name: 'x-user' }] });
  const allows = (user: string): boolean => counter.allows(list({ 'x-user': user }), '10.0.0.1', 0);
  assert.equal(allows('me'), true);
  for (let i = 0; i < 20_000; i++) {
    allows(`other ${i}`);
    if (i % 1000 === 0) assert.equal(allows('me'), false);
  }
});

test('what the model says beyond ASCII is bytes in messages, and is found there', () => {
  const headers = new HeaderList();
  changeHeaders(headers, {
    set: [{ name: 'x-one', value: 'é' }],
    add: [{ name: 'x-two', value: 'a\u010d\u010ax: y' }],
  });
  assert.deepEqual(headers.flat, ['x-one', '\xc3\xa9', 'x-two', 'a\xc4\x8d\xc4\x8ax: y']);
  const rule = { name: 'one', action: 'Allow', headers: [{ name: 'x-one', values: ['é'] }] } as const;
  const access = { method: 'GET', query: '', headers, client: '10.0.0.1' };
  assert.equal(checkAuthorization({ rules: [rule], defaultAction: 'Deny' }, access), undefined);
});

const request = (headers: Record<string, string>, query = ''): AccessRequest => ({
  method: 'GET',
  query,
  headers: list(headers),
  client: '10.0.0.1',
});

test('a name and a password let in who has them, and the backend is told the name alone', () => {
  // SHA-1 of "secret", as htpasswd -s writes it
  const settings = {
    users: new PrivateText('me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n'),
    forwardUsernameHeader: 'X-User',
  };
  const given = (text: string) => request({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const good = given('me:secret');
  assert.equal(checkBasicAuth(settings, good), undefined);
  assert.deepEqual(good.headers.flat, ['x-user', 'me']);
  for (const text of ['me:wrong', 'you:secret', 'me', ':secret'])
    assert.equal(checkBasicAuth(settings, given(text))?.status, 401);
  assert.equal(checkBasicAuth(settings, request({}))?.challenge, 'Basic realm="nekube"');
});

test('a key lets in who has it, wherever it is looked for', () => {
  const from = [{ header: 'X-Key' }, { param: 'key' }, { cookie: 'key' }];
  const apiKeys = { keys: { shop: new PrivateText('k1') }, from, forwardClientIdHeader: 'x-client', sanitize: true };
  const header = request({ 'x-key': 'k1' });
  assert.equal(checkApiKey(apiKeys, header), undefined);
  assert.equal(header.headers.get('x-client'), 'shop');
  assert.equal(checkApiKey(apiKeys, request({}, 'key=k1')), undefined);
  assert.equal(checkApiKey(apiKeys, request({ cookie: 'key=k1' })), undefined);
  assert.equal(checkApiKey(apiKeys, request({ 'x-key': 'k2' }))?.status, 401);
  assert.equal(checkApiKey(apiKeys, request({}))?.status, 401);
});

test('a key may be a bearer token, and be escaped in a query', () => {
  const apiKeys = { keys: { shop: new PrivateText('k/é') }, from: [{ header: 'x-key' }, { param: 'a key' }] };
  assert.equal(checkApiKey(apiKeys, request({ 'x-key': Buffer.from('Bearer k/é').toString('latin1') })), undefined);
  assert.equal(checkApiKey(apiKeys, request({}, 'a%20key=k%2f%C3%a9')), undefined);
  assert.equal(checkApiKey(apiKeys, request({}, 'a%20key=k%2fe'))?.status, 401);
});

test('a key that is not to be sent on is sent on from nowhere', () => {
  const from = [{ header: 'X-Key' }, { param: 'key' }, { cookie: 'key' }];
  const left = (headers: Record<string, string>, query: string) => {
    const asked = request(headers, query);
    return [withoutApiKeys({ keys: {}, from }, asked), ...asked.headers.flat];
  };
  const all = { 'x-key': 'k1', cookie: 'a=b; key=k1;c=d' };
  assert.deepEqual(left(all, 'a=b&key=k1&keys=c&k%65y=k2'), ['a=b&keys=c', 'cookie', 'a=b; c=d']);
  assert.deepEqual(left({ cookie: 'key=k1' }, 'key'), ['']);
  assert.deepEqual(left({ cookie: 'keys=k1' }, ''), ['', 'cookie', 'keys=k1']);
});

test('rules of authorization are asked in order, and the first that fits decides', () => {
  const authorization = {
    defaultAction: 'Deny',
    rules: [
      { name: 'not me', action: 'Deny', headers: [{ name: 'X-User', values: ['me'] }] },
      { name: 'inside', action: 'Allow', clientCidrs: ['10.0.0.0/8'], methods: ['GET'] },
    ],
  } as const;
  assert.equal(checkAuthorization(authorization, request({ 'x-user': 'me' }))?.status, 403);
  assert.equal(checkAuthorization(authorization, request({ 'x-user': 'you' })), undefined);
  assert.equal(checkAuthorization(authorization, { ...request({}), client: '11.0.0.1' })?.status, 403);
  assert.equal(checkAuthorization(authorization, { ...request({}), method: 'POST' })?.status, 403);
});
