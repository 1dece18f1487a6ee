import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndpointSubset } from './endpoints.ts';
import { fnv128 } from './fnv128.ts';
import { printedSubset, repacked } from './subsets.ts';

// what Go's FNV-1a of its dump of these was
const hashes: readonly { readonly name: string; readonly subset: EndpointSubset; readonly hash: string }[] = [
  {
    name: 'addresses and ports',
    subset: {
      addresses: [
        { ip: '1.2.3.4', nodeName: 'n', targetRef: { kind: 'Pod', name: 'a', namespace: 'b', uid: 'u' } },
        { ip: '1.2.3.5', hostname: 'h' },
      ],
      ports: [
        { port: 1, protocol: 'TCP' },
        { port: 2, protocol: 'TCP' },
      ],
    },
    hash: 'ea0989dbd50efb08164251c696613503',
  },
  {
    name: 'one that is not ready',
    subset: { notReadyAddresses: [{ ip: '1.2.3.4' }] },
    hash: '4b67fd63c52c25456f2bfe51caa99231',
  },
];

for (const { name, subset, hash } of hashes)
  test(`the hash of a subset is Go's: ${name}`, () => {
    assert.equal(fnv128(printedSubset(subset)), hash);
  });

describe('repacked subsets', () => {
  const [http, dns] = [
    { name: 'http', port: 80, protocol: 'TCP' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  const [one, two] = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }];

  test('ports with the same addresses come together', () => {
    const [subset, ...others] = repacked([
      { addresses: [two], ports: [http] },
      { addresses: [one], ports: [http, dns] },
      { addresses: [two], ports: [dns] },
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual(subset?.addresses, [one, two]);
    assert.equal(subset?.ports?.length, 2);
  });

  test('an address that is not ready anywhere is not ready', () => {
    const found = repacked([
      { addresses: [one], ports: [http] },
      { notReadyAddresses: [one], ports: [http] },
    ]);
    assert.deepEqual(found, [{ notReadyAddresses: [one], ports: [http] }]);
  });

  test('what has no ports is kept', () => {
    assert.deepEqual(repacked([{ addresses: [one] }]), [{ addresses: [one] }]);
  });
});
