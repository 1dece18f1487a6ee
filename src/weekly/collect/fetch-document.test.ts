import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { DocumentFetcher, type FetcherOptions, type FetchOutcome } from './fetch-document.ts';
import { endless, redirect, Site, trickle } from './testing/site.ts';

const now = Date.parse('2022-10-21T10:20:30.000Z');
const body = '<rss><channel><title>here</title></channel></rss>';
const send =
  (bytes: string | Uint8Array, headers: Record<string, string> = {}) =>
  (_: unknown, response: { writeHead: Function }) =>
    response.writeHead(200, headers).end(bytes);
const encoded = (coding: string, bytes: Uint8Array) => send(bytes, { 'content-encoding': coding });
const bomb = gzipSync(Buffer.alloc(64 << 20));

const site = new Site({
  '/feed': (request, response) => {
    const isSame =
      request.headers['if-none-match'] === '"one"' ||
      request.headers['if-modified-since'] === 'Fri, 21 Oct 2022 00:00:00 GMT';
    const headers = {
      etag: '"one"',
      'last-modified': 'Fri, 21 Oct 2022 00:00:00 GMT',
      'cache-control': 'max-age=900',
      'content-type': 'application/rss+xml',
    };
    response.writeHead(isSame ? 304 : 200, headers).end(isSame ? '' : body);
  },
  '/unchanged': (_, response) => response.writeHead(304).end(),
  '/gone': (_, response) => response.writeHead(410).end(),
  '/busy': (_, response) => response.writeHead(429, { 'retry-after': '77' }).end(),
  '/down': (_, response) => response.writeHead(503, { 'retry-after': 'Fri, 21 Oct 2022 10:21:30 GMT' }).end(),
  '/moved': redirect(301, '/feed'),
  '/moved-308': redirect(308, '/moved'),
  '/found': redirect(302, '/feed'),
  '/found-then-moved': redirect(307, '/moved'),
  '/moved-then-found': redirect(301, '/found'),
  '/loop-3?token=hunter2': redirect(301, '/loop-3?token=hunter2'),
  '/nowhere?token=hunter2': redirect(301, 'file:///etc/passwd'),
  '/long-0?token=hunter2': redirect(302, '/long-1'),
  '/loop': redirect(301, '/loop-2'),
  '/loop-2': redirect(302, '/loop'),
  '/nowhere': redirect(301, 'file:///etc/passwd'),
  '/to-metadata': redirect(302, 'http://169.254.169.254/latest/meta-data'),
  '/to-mapped': redirect(302, 'http://[::ffff:10.0.0.1]/'),
  '/to-secret': (_, response) =>
    response.writeHead(302, { location: site.url('/feed').replace('//', '//anna:hunter2@') }).end(),
  '/to-other-host': (_, response) => response.writeHead(302, { location: site.url('/feed', '127.0.0.3') }).end(),
  '/to-number': redirect(302, 'http://0x0a000001/'),
  '/long-N': (request, response) =>
    response.writeHead(302, { location: `/long-${Number(/\d+$/.exec(request.url!)![0]) + 1}` }).end(),
  '/gzip': encoded('gzip', gzipSync(body)),
  '/br': encoded('br', brotliCompressSync(body)),
  '/deflate': encoded('deflate', deflateSync(body)),
  '/deflate-raw': encoded('deflate', deflateRawSync(body)),
  '/plain-as-gzip': encoded('gzip', Buffer.from(body)),
  '/cut-gzip': encoded('gzip', gzipSync(body.repeat(2000)).subarray(0, 150)),
  '/broken-gzip': encoded('gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
  '/zstd': encoded('zstd', Buffer.from(body)),
  '/bomb': encoded('gzip', bomb),
  '/endless': endless,
  '/trickle': trickle(20),
  '/silent': () => undefined,
  '/hang-up': (_, response) => response.destroy(),
});
const tls = {
  key: readFileSync(new URL('../../../src/weekly/collect/testdata/localhost.key', import.meta.url), 'utf8'),
  cert: readFileSync(new URL('../../../src/weekly/collect/testdata/localhost.crt', import.meta.url), 'utf8'),
};
const secure = new Site(
  {
    '/feed': send(body) as never,
    '/insecure': (_, response) => response.writeHead(302, { location: site.url('/feed') }).end(),
  },
  tls,
);
const fetchers: DocumentFetcher[] = [];

function fetcher(options: Partial<FetcherOptions> = {}): DocumentFetcher {
  const one = new DocumentFetcher({
    contact: 'https://team.example/',
    now: () => now,
    allowedNetworks: ['127.0.0.0/8'],
    ...options,
  });
  fetchers.push(one);
  return one;
}

before(async () => {
  await Promise.all([site.start(), secure.start()]);
});
after(async () => {
  await Promise.all(fetchers.map((one) => one.close()));
  await Promise.all([site.stop(), secure.stop()]);
});

/** What an outcome is, in few words. */
function told(outcome: FetchOutcome): string {
  if (outcome.kind === 'failed') return outcome.reason;
  if (outcome.kind === 'gone') return 'gone';
  const moved = outcome.permanentUrl.replace(/^.*:\d+/, '');
  return outcome.kind === 'unchanged'
    ? `unchanged at ${moved}`
    : `${Buffer.from(outcome.bytes).toString('utf8').length} at ${moved}`;
}
const whole = body.length;

const cases: readonly (readonly [string, string, string])[] = [
  ['a document is fetched', '/feed', `${whole} at /feed`],
  ['a permanent redirect is kept', '/moved', `${whole} at /feed`],
  ['so is one after the other', '/moved-308', `${whole} at /feed`],
  ['a temporary redirect is not kept', '/found', `${whole} at /found`],
  ['nor what comes after one', '/found-then-moved', `${whole} at /found-then-moved`],
  ['what was permanent before one is kept', '/moved-then-found', `${whole} at /found`],
  ['410 is gone', '/gone', 'gone'],
  ['304 to who knows nothing of it is an error', '/unchanged', 'HTTPError'],
  ['404 is an error', '/nothing-here', 'HTTPError'],
  ['a loop of redirects is seen', '/loop', 'RedirectLoop'],
  ['redirects without end are ended', '/long-0', 'TooManyRedirects'],
  ['a redirect to a file is refused', '/nowhere', 'RedirectInvalid'],
  ['a redirect to a link-local address is refused', '/to-metadata', 'AddressRefused'],
  ['a redirect to a mapped address is refused', '/to-mapped', 'AddressRefused'],
  ['a redirect to a number is refused', '/to-number', 'AddressRefused'],
  ['gzip is read', '/gzip', `${whole} at /gzip`],
  ['brotli is read', '/br', `${whole} at /br`],
  ['deflate is read', '/deflate', `${whole} at /deflate`],
  ['deflate without its head is read', '/deflate-raw', `${whole} at /deflate-raw`],
  ['what is not compressed as it says is taken as it is', '/plain-as-gzip', `${whole} at /plain-as-gzip`],
  ['broken gzip is an error', '/broken-gzip', 'BodyBroken'],
  ['an encoding that was not asked for is an error', '/zstd', 'BodyBroken'],
  ['a few bytes that decompress to many are ended', '/bomb', 'TooLarge'],
  ['a body without end is ended', '/endless', 'TooLarge'],
  ['a connection that is closed is an error', '/hang-up', 'ConnectionFailed'],
];
for (const [name, path, meant] of cases)
  test(name, async () => assert.equal(told(await fetcher().fetch({ url: site.url(path) })), meant));

test('gzip that is cut off is what came out of it', async () => {
  const outcome = await fetcher().fetch({ url: site.url('/cut-gzip') });
  assert.ok(outcome.kind === 'document' && outcome.bytes.length > 0);
  assert.ok(body.repeat(2000).startsWith(Buffer.from(outcome.bytes).toString('utf8')));
});

test('what was fetched before is not fetched again', async () => {
  const first = await fetcher().fetch({ url: site.url('/feed') });
  assert.ok(first.kind === 'document');
  assert.deepEqual(
    [first.etag, first.lastModified, first.freshSeconds],
    ['"one"', 'Fri, 21 Oct 2022 00:00:00 GMT', 900],
  );
  const byTag = await fetcher().fetch({ url: site.url('/moved'), etag: first.etag! });
  const byDate = await fetcher().fetch({ url: site.url('/feed'), lastModified: first.lastModified! });
  assert.deepEqual([told(byTag), told(byDate)], ['unchanged at /feed', 'unchanged at /feed']);
});

test('a server that asks to be left alone says for how long', async () => {
  const [busy, down] = await Promise.all(['/busy', '/down'].map((path) => fetcher().fetch({ url: site.url(path) })));
  assert.deepEqual(
    [busy, down].map((one) => one!.kind === 'failed' && [one!.reason, one!.retryAfterSeconds]),
    [
      ['TooManyRequests', 77],
      ['HTTPError', 60],
    ],
  );
});

test('a byte now and then, and no answer at all, are ended by the time', async () => {
  const impatient = fetcher({ totalTimeoutMs: 200 });
  const outcomes = await Promise.all(['/trickle', '/silent'].map((path) => impatient.fetch({ url: site.url(path) })));
  assert.deepEqual(outcomes.map(told), ['Timeout', 'Timeout']);
});

test('who asks is told, with an address to complain to', async () => {
  await fetcher().fetch({ url: site.url('/feed') });
  const { headers } = site.requests.at(-1)!;
  assert.equal(headers['user-agent'], 'nekube-weekly (+https://team.example/)');
  assert.equal(headers['accept-encoding'], 'gzip, br, deflate');
});

test('loopback is refused unless it is allowed: by number, by name, and by what a name has become', async () => {
  const strict = fetcher({ allowedNetworks: [] });
  const outcomes = await Promise.all(
    [site.url('/feed'), site.url('/feed', 'localhost'), site.url('/feed').replace('127.0.0.1', '[::1]')].map((url) =>
      strict.fetch({ url }),
    ),
  );
  assert.deepEqual(outcomes.map(told), ['AddressRefused', 'AddressRefused', 'AddressRefused']);
});

test('a name is looked up once: what is looked at is the address that is connected with', async () => {
  const answers = ['127.0.0.1', '10.0.0.1'];
  const rebinding = fetcher({
    resolve: async () => [{ address: answers.shift()!, family: 4 }],
  });
  assert.equal(told(await rebinding.fetch({ url: site.url('/feed', 'rebind.example') })), `${whole} at /feed`);
  assert.deepEqual(answers, ['10.0.0.1']);
});

test('a name that is at a private address is refused, and nothing is asked there', async () => {
  const asked = site.requests.length;
  const strict = fetcher({
    allowedNetworks: [],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  assert.equal(told(await strict.fetch({ url: site.url('/feed', 'private.example') })), 'AddressRefused');
  assert.equal(site.requests.length, asked);
});

test('of the addresses of a name those that are not allowed are not connected with', async () => {
  const mixed = fetcher({
    resolve: async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
  });
  assert.equal(told(await mixed.fetch({ url: site.url('/feed', 'mixed.example') })), `${whole} at /feed`);
});

test('a certificate that nobody vouches for is refused', async () => {
  assert.equal(told(await fetcher().fetch({ url: secure.url('/feed') })), 'CertificateInvalid');
  assert.equal(told(await fetcher({ ca: tls.cert }).fetch({ url: secure.url('/feed') })), `${whole} at /feed`);
  assert.equal(
    told(await fetcher({ ca: tls.cert }).fetch({ url: secure.url('/feed', '127.0.0.2') })),
    'CertificateInvalid',
  );
});

const odd: readonly (readonly [string, string])[] = [
  ['', 'URLInvalid'],
  ['feed', 'URLInvalid'],
  ['//127.0.0.1/feed', 'URLInvalid'],
  ['file:///etc/passwd', 'URLInvalid'],
  ['ftp://127.0.0.1/', 'URLInvalid'],
  ['data:application/rss+xml,<rss/>', 'URLInvalid'],
  ['blob:http://127.0.0.1/1', 'URLInvalid'],
  ['javascript:alert(1)', 'URLInvalid'],
  ['view-source:http://127.0.0.1/', 'URLInvalid'],
  ['ws://127.0.0.1/', 'URLInvalid'],
  ['http://[fe80::1%25eth0]/', 'URLInvalid'],
  ['http://256.0.0.1/', 'URLInvalid'],
  ['http://127.1/', 'AddressRefused'],
  ['http://2130706433/', 'AddressRefused'],
  ['http://0x7f.0.0.1/', 'AddressRefused'],
  ['http://0177.0.0.01/', 'AddressRefused'],
  ['http://１２７．０．０．１/', 'AddressRefused'],
  ['http://127。0。0。1/', 'AddressRefused'],
  ['http://0/', 'AddressRefused'],
  ['http://[::]/', 'AddressRefused'],
  ['http://[::1]/', 'AddressRefused'],
  ['http://[0:0:0:0:0:0:0:1]/', 'AddressRefused'],
  ['http://[::ffff:127.0.0.1]/', 'AddressRefused'],
  ['http://[::ffff:7f00:1]/', 'AddressRefused'],
  ['http://[::127.0.0.1]/', 'AddressRefused'],
  ['http://[64:ff9b::7f00:1]/', 'AddressRefused'],
  ['http://[2002:7f00:1::]/', 'AddressRefused'],
  ['http://[fd00::1]/', 'AddressRefused'],
  ['http://localhost/', 'AddressRefused'],
  ['http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', 'AddressRefused'],
  ['http:127.0.0.1', 'AddressRefused'],
  ['http:\\\\127.0.0.1\\feed', 'AddressRefused'],
  ['http://public.example@127.0.0.1/', 'AddressRefused'],
];
for (const [url, meant] of odd)
  test(`${JSON.stringify(url)} is ${meant}, and nothing is asked`, async () => {
    const count = site.requests.length;
    assert.equal(told(await fetcher({ allowedNetworks: [] }).fetch({ url })), meant);
    assert.equal(site.requests.length, count);
  });

test('a name of letters of any language is looked up as name servers know it', async () => {
  const names: string[] = [];
  const world = fetcher({
    resolve: async (name) => {
      names.push(name);
      return [{ address: '127.0.0.1', family: 4 }];
    },
  });
  assert.equal(told(await world.fetch({ url: site.url('/feed', '例え。テスト') })), `${whole} at /feed`);
  assert.deepEqual(names, ['xn--r8jz45g.xn--zckzah']);
});

const secretive: readonly (readonly [string, (url: string) => string])[] = [
  ['an address', (url) => url.replace('//', '//anna:hunter2@')],
  ['an address without slashes', (url) => url.replace('http://', 'http:anna:hunter2@')],
  ['an address that is wrong', () => 'ftp://anna:hunter2@127.0.0.1/'],
  ['an address that is wrong, without slashes', () => 'ftp:anna:hunter2@127.0.0.1'],
  ['an address that is none', () => '//anna:hunter2@127.0.0.1/feed'],
  ['a redirect', (url) => url.replace('/feed', '/to-secret')],
  ['a page that is not there', (url) => url.replace('//', '//anna:hunter2@').replace('/feed', '/nothing-here')],
];
for (const [name, addressOf] of secretive)
  test(`a password in ${name} is neither sent nor told`, async () => {
    const count = site.requests.length;
    const outcome = await fetcher().fetch({ url: addressOf(site.url('/feed')) });
    assert.doesNotMatch(JSON.stringify(outcome), /hunter2/);
    for (const { path, headers } of site.requests.slice(count))
      assert.deepEqual([headers.authorization, path.includes('hunter2')], [undefined, false]);
  });

const withTokens: readonly (readonly [string, string, string])[] = [
  ['a page that is not there', '/nothing-here', 'HTTPError'],
  ['a redirect to nothing', '/nowhere', 'RedirectInvalid'],
  ['a redirect to itself', '/loop-3', 'RedirectLoop'],
  ['redirects without end', '/long-0', 'TooManyRedirects'],
];
for (const [name, path, reason] of withTokens)
  test(`a token in the address of ${name} is sent, and not told`, async () => {
    const outcome = await fetcher().fetch({ url: site.url(`${path}?token=hunter2`) });
    assert.equal(told(outcome), reason);
    assert.match(outcome.kind === 'failed' ? outcome.message : '', /[?]token=…/);
    assert.doesNotMatch(JSON.stringify(outcome), /hunter2/);
  });

test('what one host said of a document is not told to another one', async () => {
  const known = { etag: '"one"', lastModified: 'Fri, 21 Oct 2022 00:00:00 GMT' };
  const count = site.requests.length;
  const outcome = await fetcher().fetch({ url: site.url('/to-other-host'), ...known });
  assert.equal(told(outcome), `${whole} at /to-other-host`);
  assert.deepEqual(
    site.requests.slice(count).map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']]),
    [
      [known.etag, known.lastModified],
      [undefined, undefined],
    ],
  );
});

test('a redirect from https to http is followed only where that is allowed', async () => {
  const url = secure.url('/insecure');
  const refused = await fetcher({ ca: tls.cert }).fetch({ url });
  assert.equal(told(refused), 'RedirectInsecure');
  assert.equal(
    told(await fetcher({ ca: tls.cert, allowInsecureRedirects: true }).fetch({ url })),
    `${whole} at /insecure`,
  );
});

test('who ends a fetch hears the reason', async () => {
  const ending = new AbortController();
  const fetched = fetcher().fetch({ url: site.url('/silent'), signal: ending.signal });
  ending.abort(new Error('enough'));
  await assert.rejects(fetched, /enough/);
});
