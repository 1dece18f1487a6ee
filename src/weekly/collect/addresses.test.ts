import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressGuard } from './addresses.ts';

const refused = [
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '[::1]',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fc00::1',
  'fd12:3456::1',
  'ff02::1',
  '2001:db8::1',
  '3fff::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::FFFF:169.254.169.254',
  '0:0:0:0:0:ffff:c0a8:101',
  '::127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2002:c0a8:101::1',
  '2001::1',
  'localhost',
  '',
  'example.com',
];
const allowed = [
  '1.1.1.1',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2606:4700::1111',
  '[2606:4700::1111]',
  '2002:808:808::1',
];

for (const address of refused)
  test(`${address || 'nothing'} may not be connected with`, () =>
    assert.equal(new AddressGuard().allows(address), false));
for (const address of allowed)
  test(`${address} may be connected with`, () => assert.equal(new AddressGuard().allows(address), true));

test('a network that is allowed is, also in IPv6, and others are not', () => {
  const guard = new AddressGuard(['10.1.0.0/16', '127.0.0.1']);
  const judged = ['10.1.2.3', '::ffff:10.1.2.3', '127.0.0.1', '10.2.0.1', '127.0.0.2'].map((one) => guard.allows(one));
  assert.deepEqual(judged, [true, true, true, false, false]);
});

test('what is no network is said at once', () => {
  assert.throws(() => new AddressGuard(['intranet']), /Invalid network "intranet"/);
});
