import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceIps } from './source-ips.ts';

const cases: readonly [forwarded: string | undefined, real: string | undefined, remote: string, ips: string[]][] = [
  [undefined, undefined, '127.0.0.1', ['127.0.0.1']],
  ['10.1.2.3, 10.4.5.6', '10.7.8.9', '127.0.0.1', ['10.1.2.3', '10.4.5.6', '10.7.8.9', '127.0.0.1']],
  ['10.1.2.3', '10.1.2.3', '127.0.0.1', ['10.1.2.3', '127.0.0.1']],
  ['127.0.0.1', undefined, '127.0.0.1', ['127.0.0.1']],
  ['nobody, 10.1.2.3', 'unknown', '127.0.0.1', ['10.1.2.3', '127.0.0.1']],
  ['010.001.002.003', undefined, '::1', ['10.1.2.3', '::1']],
  ['2001:DB8:0:0::1', undefined, '::ffff:127.0.0.1', ['2001:db8::1', '127.0.0.1']],
  ['fe80::1%eth0', undefined, '127.0.0.1', ['127.0.0.1']],
];

for (const [forwarded, real, remote, expected] of cases) {
  test(`from ${remote}, forwarded for ${forwarded}, really ${real}`, () => {
    assert.deepEqual(sourceIps(forwarded, real, remote), expected);
  });
}
