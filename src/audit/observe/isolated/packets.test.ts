import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOf } from './packets.ts';

const V4 = (protocol: string, rest: string, first = '45', fragment = '0000'): string =>
  `${first}00 001c 0000 ${fragment} 40 ${protocol} 0000 c6336401 cb007107 ${rest}`;
const V6 = (protocol: string, rest: string): string =>
  `60000000 0008 ${protocol} 40 20010db8000000000000000000000001 20010db8000000000000000000000002 ${rest}`;

const CASES: readonly (readonly [name: string, packet: string, expected: object | undefined])[] = [
  ['UDP has a port', V4('11', '8000 1f90 0008 0000'), { address: '203.0.113.7', port: 8080 }],
  ['TCP has one, too', V4('06', '8000 01bb'), { address: '203.0.113.7', port: 443 }],
  ['options of IP are passed over', V4('11', '01010100 8000 1f90', '46'), { address: '203.0.113.7', port: 8080 }],
  ['who asks whether somebody is there is told', V4('01', '0800'), { address: '203.0.113.7', protocol: 'ICMP' }],
  ['what says that nobody is there is not', V4('01', '0303'), undefined],
  ['nor is who joins a group', V4('02', '2200'), undefined],
  ['other protocols have their number', V4('84', '0000'), { address: '203.0.113.7', protocol: 'protocol 132' }],
  ['UDP of IPv6', V6('11', '8000 0035'), { address: '[2001:db8:0:0:0:0:0:2]', port: 53 }],
  ['behind options', V6('00', '1100000000000000 8000 0035'), { address: '[2001:db8:0:0:0:0:0:2]', port: 53 }],
  [
    'the first of several fragments has the port',
    V4('11', '8000 1f90', '45', '2000'),
    { address: '203.0.113.7', port: 8080 },
  ],
  ['the others have none', V4('11', '6162 6364', '45', '20b9'), undefined],
  ['of IPv6, too', V6('2c', '11000001 00000007 8000 0035'), { address: '[2001:db8:0:0:0:0:0:2]', port: 53 }],
  ['and the others of IPv6', V6('2c', '110005c9 00000007 6162 6364'), undefined],
  ['neighbours are of the link', V6('3a', '8700'), undefined],
  ['a part of a port is none', V4('11', '80'), { address: '203.0.113.7' }],
  ['what is no IP is nobody', 'ffffffff', undefined],
];

describe('to whom a packet is', () => {
  for (const [name, packet, expected] of CASES)
    test(name, () => assert.deepEqual(destinationOf(Buffer.from(packet.replaceAll(' ', ''), 'hex')), expected));
});

test('whatever comes, it is read or passed over', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const found = destinationOf(bytes);
      assert.ok(found === undefined || found.address.length > 0);
    }),
  );
});
