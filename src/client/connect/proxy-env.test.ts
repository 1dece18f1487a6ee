import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from './proxy-env.ts';

const P = 'http://proxy.test:3128/';
const cases: readonly [string, string, Readonly<Record<string, string>>, string | undefined][] = [
  ['none is named', 'https://k.test', {}, undefined],
  ['one for https', 'https://k.test', { HTTPS_PROXY: 'http://proxy.test:3128' }, P],
  ['in lower case', 'https://k.test', { https_proxy: 'http://proxy.test:3128' }, P],
  ['upper case goes first', 'https://k.test', { HTTPS_PROXY: 'http://proxy.test:3128', https_proxy: 'http://x' }, P],
  ['without a scheme', 'https://k.test', { HTTPS_PROXY: 'proxy.test:3128' }, P],
  ['that of http is not for https', 'https://k.test', { HTTP_PROXY: P }, undefined],
  ['that of http', 'http://k.test', { HTTP_PROXY: P }, P],
  ['a program of CGI does not trust HTTP_PROXY', 'http://k.test', { HTTP_PROXY: P, REQUEST_METHOD: 'GET' }, undefined],
  ['ALL_PROXY is not read', 'https://k.test', { ALL_PROXY: P }, undefined],
  ['this machine', 'https://localhost:6443', { HTTPS_PROXY: P }, undefined],
  ['this machine by address', 'https://127.9.9.9:6443', { HTTPS_PROXY: P }, undefined],
  ['this machine by IPv6', 'https://[::1]:6443', { HTTPS_PROXY: P }, undefined],
  ['all are exempt', 'https://k.test', { HTTPS_PROXY: P, NO_PROXY: '*' }, undefined],
  ['a domain', 'https://k.test', { HTTPS_PROXY: P, NO_PROXY: 'a, K.test ' }, undefined],
  ['what is below a domain', 'https://api.k.test', { HTTPS_PROXY: P, no_proxy: 'k.test' }, undefined],
  ['not what only ends like it', 'https://apik.test', { HTTPS_PROXY: P, NO_PROXY: 'k.test' }, P],
  ['only what is below', 'https://k.test', { HTTPS_PROXY: P, NO_PROXY: '.k.test' }, P],
  ['below, by a dot', 'https://a.k.test', { HTTPS_PROXY: P, NO_PROXY: '.k.test' }, undefined],
  ['below, by a star', 'https://a.k.test', { HTTPS_PROXY: P, NO_PROXY: '*.k.test' }, undefined],
  ['a port that is it', 'https://k.test:6443', { HTTPS_PROXY: P, NO_PROXY: 'k.test:6443' }, undefined],
  ['the port of the scheme', 'https://k.test', { HTTPS_PROXY: P, NO_PROXY: 'k.test:443' }, undefined],
  ['a port that is not', 'https://k.test:6443', { HTTPS_PROXY: P, NO_PROXY: 'k.test:443' }, P],
  ['an address', 'https://10.1.2.3', { HTTPS_PROXY: P, NO_PROXY: '10.1.2.3' }, undefined],
  ['a range', 'https://10.1.2.3', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['another range', 'https://11.1.2.3', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8' }, P],
  ['a range of IPv6', 'https://[fd00::1]', { HTTPS_PROXY: P, NO_PROXY: 'fd00::/8' }, undefined],
  ['a range that is none', 'https://10.1.2.3', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/99,x/8' }, P],
];

for (const [name, url, env, expected] of cases)
  test(`a proxy: ${name}`, () => assert.equal(proxyFor(new URL(url), env)?.href, expected));

test('what is no proxy is refused, and its password not told', () => {
  const env = { HTTPS_PROXY: 'ftp://u:secret@x' };
  assert.throws(() => proxyFor(new URL('https://k.test'), env), {
    name: 'RangeError',
    message: 'HTTPS_PROXY must be a URL of http, https or socks5',
  });
});
