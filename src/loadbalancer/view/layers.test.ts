import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outer, packet } from '../testing/packets.ts';
import { layersOf, layersText } from './layers.ts';

const FOUR = { source: '192.0.2.7', destination: '10.96.0.10', sourcePort: 4000, destinationPort: 80 };
const SIX = { ...FOUR, source: '2001:db8::7', destination: 'fd00:96::a' };

for (const { name, of, text } of [
  { name: 'TCP', of: packet({ ...FOUR, flags: 0x12 }), text: '192.0.2.7 > 10.96.0.10 ttl 64 | tcp 4000 > 80 S.' },
  { name: 'a reset', of: packet({ ...FOUR, flags: 4 }), text: '192.0.2.7 > 10.96.0.10 ttl 64 | tcp 4000 > 80 R' },
  {
    name: 'UDP of IPv6',
    of: packet({ ...SIX, protocol: 'UDP' }),
    text: '2001:db8::7 > fd00:96::a ttl 64 | udp 4000 > 80',
  },
  {
    name: 'IP in IP',
    of: outer({ source: '10.2.0.2', destination: '10.244.1.10', inner: packet(FOUR) }),
    text: '10.2.0.2 > 10.244.1.10 ttl 64 | 192.0.2.7 > 10.96.0.10 ttl 64 | tcp 4000 > 80 S',
  },
  {
    name: 'what is no IP',
    of: Uint8Array.of(...new Uint8Array(12), 8, 6, ...new Uint8Array(28)),
    text: 'Ethernet type 0x806',
  },
  { name: 'a packet that is cut off', of: packet(FOUR).slice(0, 36), text: 'a packet that is cut off' },
  { name: 'nothing', of: new Uint8Array(), text: 'a packet that is cut off' },
])
  test(`the headers of ${name} are told`, () => assert.equal(layersText(layersOf(of)), text));
