import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfPorts, sortedPorts } from './endpoint-slice.ts';
import { fnv128 } from './fnv128.ts';

// what Go printed of these, by its dump for hashes and its FNV-1a
const hashes: readonly (readonly [string, string])[] = [
  [
    '(v1.EndpointPort){Name:(*string)http Protocol:(*v1.Protocol)TCP Port:(*int32)80 AppProtocol:(*string)<nil>}',
    'b6c4d325122a5ba6f795b0bbffcebb6f',
  ],
  [
    '(v1.EndpointPort){Name:(*string)http Protocol:(*v1.Protocol)TCP Port:(*int32)80 AppProtocol:(*string)kubernetes.io/h2c}',
    '16a2955fe544762f441ebef431b42be0',
  ],
];

for (const [text, hash] of hashes)
  test(`the hash of ${text} is Go's`, () => {
    assert.equal(fnv128(text), hash);
  });

test('ports are in the order of their hashes, and one list in whatever order has one key', () => {
  const plain = { name: 'http', protocol: 'TCP', port: 80 };
  const h2c = { ...plain, appProtocol: 'kubernetes.io/h2c' };
  assert.deepEqual(sortedPorts([plain, h2c]), [h2c, plain]);
  assert.equal(keyOfPorts([plain, h2c]), keyOfPorts([h2c, plain]));
  assert.notEqual(keyOfPorts([plain]), keyOfPorts([h2c]));
});
