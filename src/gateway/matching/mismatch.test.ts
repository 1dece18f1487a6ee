import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isParseError, parseYaml } from 'nekube/apimachinery';
import type { HttpMatch } from '../model/index.ts';
import { compareDomains, covers, mostSpecific } from './domains.ts';
import { mismatchOf } from './mismatch.ts';
import { parseRequestFile, requestHeadOf, serverNameOf } from './request-head.ts';

interface MatchCase {
  readonly name: string;
  readonly url: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly match: Partial<HttpMatch> & Pick<HttpMatch, 'path'>;
  readonly because?: string;
}

const file = new URL('../../../src/gateway/matching/testdata/matches.yaml', import.meta.url);
const cases = parseYaml(readFileSync(file, 'utf8')) as unknown as readonly MatchCase[];

for (const { name, url, match, because, ...options } of cases) {
  test(name, () => {
    const head = requestHeadOf(url, options);
    assert.equal(mismatchOf({ headers: [], queryParams: [], ...match }, head), because);
  });
}

test('a wildcard has what is below it by one label or more, and not itself', () => {
  const hosts = ['a.shop.example', 'b.a.shop.example', 'shop.example', 'xshop.example', '.shop.example'];
  assert.deepEqual(
    hosts.filter((host) => covers('*.shop.example', host)),
    ['a.shop.example', 'b.a.shop.example'],
  );
});

test('an exact domain is before a wildcard, and a long wildcard before a short one', () => {
  const domains = ['*', '*.example', 'a.shop.example', '*.shop.example'];
  assert.deepEqual([...domains].sort(compareDomains), ['a.shop.example', '*.shop.example', '*.example', '*']);
  assert.equal(mostSpecific(domains, 'b.shop.example'), '*.shop.example');
  assert.equal(mostSpecific(['x.example'], 'b.shop.example'), undefined);
});

test('a URL says host, port and path of a request; a header Host says another host', () => {
  const head = requestHeadOf('https://10.0.0.1:8443/a/../b?c=d', {
    headers: ['Host: Shop.Example:99'],
    serverName: 'TLS.example',
  });
  assert.deepEqual(
    { ...head, headers: [...head.headers] },
    {
      method: 'GET',
      scheme: 'https',
      host: 'shop.example',
      port: 8443,
      path: '/b',
      query: 'c=d',
      headers: [],
      serverName: 'tls.example',
    },
  );
});

test('TLS asks for no name where the host is an address', () => {
  assert.equal(serverNameOf(requestHeadOf('https://10.0.0.1/')), undefined);
  assert.equal(serverNameOf(requestHeadOf('https://[fd00::1]/')), undefined);
  assert.equal(serverNameOf(requestHeadOf('https://shop.example/')), 'shop.example');
});

test('a file has a request as it goes over the wire', () => {
  const head = parseRequestFile(
    'POST /api?x=1 HTTP/1.1\r\nHost: shop.example:8080\r\nX-User: me\r\n\r\nbody: no header\r\n',
  );
  assert.deepEqual(
    [head.method, head.host, head.port, head.path, head.query],
    ['POST', 'shop.example', 8080, '/api', 'x=1'],
  );
  assert.deepEqual([...head.headers], [['x-user', ['me']]]);
});

const mistakes: readonly (readonly [string, () => unknown, string])[] = [
  [
    'a scheme that is none of the web',
    () => requestHeadOf('ftp://shop.example/'),
    'must be a URL of http or https, not of ftp',
  ],
  [
    'a URL without a host',
    () => requestHeadOf('http://'),
    'must be a URL as in https://shop.example/path, not "http://"',
  ],
  [
    'a header without a colon',
    () => requestHeadOf('http://a/', { headers: ['x'] }),
    'a header must be as in `name: value`, not "x"',
  ],
  ['a first line that is none', () => parseRequestFile('hello'), 'must be as in `GET /path HTTP/1.1`'],
  [
    'a line that is no header',
    () => parseRequestFile('GET / HTTP/1.1\nHost: a\nnonsense'),
    'a header must be as in `name: value`',
  ],
  [
    'a file without a host',
    () => parseRequestFile('GET / HTTP/1.1'),
    'a header Host must say where the request goes, or line 1 have a whole URL',
  ],
];
for (const [name, read, message] of mistakes) {
  test(`it is said what is wrong with ${name}`, () => {
    assert.throws(read, (error) => isParseError(error) && error.message === message);
  });
}
